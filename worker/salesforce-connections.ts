import type { Logger, SalesforceConnections } from '../activities/dependencies.ts'
import type { Config } from '../config/environment.ts'
import { createApiCallCounterQueries } from '../db/api-call-counters.ts'
import { createConnectionQueries } from '../db/connections.ts'
import type { DatabasePool } from '../db/pool.ts'
import { createSalesforceClient, type SalesforceClient } from '../salesforce/client.ts'
import { SalesforceError } from '../salesforce/errors.ts'
import { createSessionSource, type SalesforceCredentials } from '../salesforce/tokens.ts'

/** Clients of the connections whose credentials come from the environment; one a process. */
export function createSalesforceConnections(
  config: Config,
  pool: DatabasePool,
  logger: Logger,
): SalesforceConnections & { close(): Promise<void> } {
  const clients = new Map<string, SalesforceClient>()

  function open(connectionId: string, workspaceId: string): SalesforceClient {
    const credentials = credentialsFrom(config)
    const calls = createApiCallCounterQueries(pool)
    const connections = createConnectionQueries(pool)
    const sessions = createSessionSource({
      credentials,
      fetchTimeoutMs: config.salesforce.apiTimeoutMs,
    })
    return createSalesforceClient({
      sessions,
      apiVersion: config.salesforce.apiVersion,
      timeoutMs: config.salesforce.apiTimeoutMs,
      async onAnswer(answer) {
        logger.debug({ connectionId, ...answer }, 'salesforce answered')
        await calls.add(connectionId, workspaceId, 1)
        if (answer.apiUsage) await connections.setApiUsage(connectionId, answer.apiUsage)
        if (answer.httpStatus < 300) await connections.unblock(connectionId)
      },
    })
  }

  return {
    async clientFor(connectionId) {
      const known = clients.get(connectionId)
      if (known) return known
      const connection = await createConnectionQueries(pool).get(connectionId)
      const made = open(connectionId, connection?.workspaceId ?? 'default')
      clients.set(connectionId, made)
      return made
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()))
    },
  }
}

function credentialsFrom(config: Config): SalesforceCredentials {
  const { clientId, clientSecret, refreshToken, loginUrl } = config.salesforce
  if (clientId !== null && refreshToken !== null) {
    return { grant: 'refresh_token', loginUrl, clientId, clientSecret, refreshToken }
  }
  if (clientId !== null && clientSecret !== null) {
    return { grant: 'client_credentials', loginUrl, clientId, clientSecret }
  }
  throw new SalesforceError({
    kind: 'authentication',
    message:
      'The connection has no credentials. Set SALESFORCE_CLIENT_ID with SALESFORCE_CLIENT_SECRET or SALESFORCE_REFRESH_TOKEN.',
  })
}
