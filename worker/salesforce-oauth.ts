import type { Logger, SalesforceOauth } from '../activities/dependencies.ts'
import type { Config } from '../config/environment.ts'
import { createSalesforceClient } from '../salesforce/client.ts'
import { isSalesforceError } from '../salesforce/errors.ts'
import { createTokenEndpoint } from '../salesforce/token-endpoint.ts'
import { environmentCredentials } from './sign-in.ts'

/** What authorising and revoking connections calls Salesforce with. */
export function createSalesforceOauth(
  config: Config['salesforce'],
  logger: Logger,
): SalesforceOauth {
  const timeoutMs = config.apiTimeoutMs
  return {
    endpoint: createTokenEndpoint({
      timeoutMs,
      onAnswer: (answer) => logger.debug({ ...answer }, 'salesforce answered'),
    }),
    secretOf: (clientId) => (clientId === config.clientId ? config.clientSecret : null),
    hasEnvironmentLogin: hasLogin(config),
    clientOf: (session) =>
      createSalesforceClient({
        sessions: { current: async () => session, renew: async () => session },
        apiVersion: config.apiVersion,
        timeoutMs,
        onAnswer: (answer) => logger.debug({ ...answer }, 'salesforce answered'),
      }),
  }
}

function hasLogin(config: Config['salesforce']): boolean {
  try {
    environmentCredentials(config)
    return true
  } catch (error) {
    if (isSalesforceError(error)) return false
    throw error
  }
}
