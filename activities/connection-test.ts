import type { ConnectionOperationInput } from '../contracts/connection.ts'
import { createConnectionCredentialQueries } from '../db/connection-credentials.ts'
import {
  type ConnectionOperation,
  createConnectionOperationQueries,
} from '../db/connection-operations.ts'
import type { Connection } from '../db/connection-row.ts'
import { createConnectionQueries } from '../db/connections.ts'
import { createSalesforceOauthTokenQueries } from '../db/salesforce-oauth-tokens.ts'
import { readSessionUser } from '../salesforce/session-user.ts'
import { type ConnectionRefusal, refusalOf } from './connection-outcome.ts'
import { requireScopes } from './connection-scopes.ts'
import type { ActivityDependencies } from './dependencies.ts'
import { internal } from './failures.ts'

/** Finds out whether a connection works: a session, its scopes, and a call of the API. Safe to repeat. */
export function createConnectionTest(deps: ActivityDependencies) {
  const { database } = deps
  const operations = createConnectionOperationQueries(database)
  const connections = createConnectionQueries(database)

  return {
    async checkConnection({ operationId }: ConnectionOperationInput): Promise<void> {
      const operation = await requireOperation(operationId)
      if (operation.state !== 'running') return
      try {
        await check(operation)
      } catch (error) {
        const refusal = refusalOf(error, 'credentials')
        if (refusal === null) throw error
        await fail(operation, refusal)
        return
      }
      await operations.succeed(operationId)
    },

    /** Where no attempt came to an end in time. */
    async giveUpCheck({ operationId }: ConnectionOperationInput): Promise<void> {
      const operation = await requireOperation(operationId)
      await fail(operation, {
        code: 'salesforce_unavailable',
        message: 'Salesforce did not answer in time. Try again soon.',
      })
    },
  }

  async function requireOperation(operationId: string): Promise<ConnectionOperation> {
    const operation = await operations.find(operationId)
    if (operation === null) throw internal(`The operation ${operationId} does not exist.`)
    return operation
  }

  async function check({ connectionId, kind }: ConnectionOperation): Promise<void> {
    if (kind === 'refresh') await deps.connections.renew(connectionId)
    const client = await deps.connections.clientFor(connectionId)
    // Without a key the session is this process's own, and its answer leaves no user behind.
    await client.organizationId()
    const connection = await requireConnection(connectionId)
    const { salesforceUserId, scope, flow } = connection
    requireScopes(flow, scope, true)
    if (salesforceUserId === null) {
      await client.limits()
      return
    }
    const { username } = await readSessionUser(client, salesforceUserId)
    if (username !== null && username !== connection.username) {
      await connections.setUsername(connectionId, username)
    }
  }

  async function requireConnection(connectionId: string): Promise<Connection> {
    const connection = await connections.get(connectionId)
    if (connection === null) throw internal(`The connection ${connectionId} does not exist.`)
    return connection
  }

  /** A connection that never worked is not kept: whoever made it is told why, and has nothing to clean up. */
  async function fail(operation: ConnectionOperation, refusal: ConnectionRefusal): Promise<void> {
    const { operationId, connectionId, kind } = operation
    const { code, message } = refusal
    await database.transaction(async (transaction) => {
      const ended = createConnectionOperationQueries(transaction)
      if (!(await ended.fail(operationId, code, message))) return
      if (kind !== 'create') return
      await createConnectionCredentialQueries(transaction).remove(connectionId)
      await createSalesforceOauthTokenQueries(transaction).erase(connectionId)
      await createConnectionQueries(transaction).setDeleted(connectionId)
      await createConnectionQueries(transaction).setErased(connectionId)
    })
    deps.logger.warn({ connectionId, kind, code }, 'a connection did not pass its test')
  }
}
