import type { Logger, SalesforceConnections } from '../activities/dependencies.ts'
import type { Config } from '../config/environment.ts'
import { createApiCallCounterQueries } from '../db/api-call-counters.ts'
import { createConnectionQueries } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import type { WorkspaceDatabase } from '../db/workspace-database.ts'
import { createSalesforceClient, type SalesforceClient } from '../salesforce/client.ts'
import { SalesforceError } from '../salesforce/errors.ts'
import {
  createSessionSource,
  type SalesforceCredentials,
  type SessionSource,
} from '../salesforce/tokens.ts'
import type { Sealing } from '../security/sealing.ts'
import { createRotatedToken } from './rotated-token.ts'

export interface SalesforceConnectionsOptions {
  readonly config: Config
  readonly database: Database
  /** Null without an encryption key. */
  readonly sealing: Sealing | null
  readonly logger: Logger
}

/** Clients of the connections whose credentials come from the environment; one a process and connection. */
export function createSalesforceConnections(
  options: SalesforceConnectionsOptions,
): SalesforceConnections & { close(): Promise<void> } {
  const { config, database, logger } = options
  const clients = new Map<string, Promise<SalesforceClient>>()

  async function open(connectionId: string): Promise<SalesforceClient> {
    const workspaceId = await database.system.workspaceOfConnection(connectionId)
    if (workspaceId === null) {
      const message = `The connection ${connectionId} does not exist any more.`
      throw new SalesforceError({ kind: 'authentication', message })
    }
    const own = database.workspace(workspaceId)
    const connections = createConnectionQueries(own)
    const calls = createApiCallCounterQueries(own)
    return createSalesforceClient({
      sessions: await openSessions(connectionId, own),
      apiVersion: config.salesforce.apiVersion,
      timeoutMs: config.salesforce.apiTimeoutMs,
      async onAnswer(answer) {
        logger.debug({ connectionId, ...answer }, 'salesforce answered')
        await calls.add(connectionId, workspaceId, 1)
        if (answer.apiUsage) await connections.setApiUsage(connectionId, answer.apiUsage)
      },
    })
  }

  async function openSessions(
    connectionId: string,
    own: WorkspaceDatabase,
  ): Promise<SessionSource> {
    const connections = createConnectionQueries(own)
    const fetchTimeoutMs = config.salesforce.apiTimeoutMs
    /** A granted token is the proof that the connection works again. */
    const onAnswer = async ({ httpStatus }: { readonly httpStatus: number }) => {
      if (httpStatus === 200) await connections.unblock(connectionId)
    }
    const credentials = credentialsFrom(config)
    if (credentials.grant !== 'refresh_token') {
      return createSessionSource({ credentials, fetchTimeoutMs, onAnswer })
    }
    const rotated = createRotatedToken({
      sealing: options.sealing,
      logger,
      database: own,
      connectionId,
      configured: credentials.refreshToken,
    })
    return createSessionSource({
      credentials: { ...credentials, refreshToken: await rotated.current() },
      fetchTimeoutMs,
      onAnswer,
      onRefreshToken: rotated.save,
    })
  }

  return {
    clientFor(connectionId) {
      const known = clients.get(connectionId)
      if (known !== undefined) return known
      const opened = open(connectionId)
      clients.set(connectionId, opened)
      // What failed is tried anew at the next call.
      opened.catch(() => clients.delete(connectionId))
      return opened
    },
    async close() {
      for (const opened of await Promise.allSettled(clients.values())) {
        if (opened.status === 'fulfilled') await opened.value.close()
      }
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
