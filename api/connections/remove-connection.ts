import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createConnectionCredentialQueries } from '../../db/connection-credentials.ts'
import type { Connection } from '../../db/connection-row.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createSalesforceOauthTokenQueries } from '../../db/salesforce-oauth-tokens.ts'
import { createWebhookIntakeQueries } from '../../db/webhook-intakes.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { refuseEnvironment } from './find-connection.ts'
import { noteOperation, type OperationOutcome, runOperation } from './operations.ts'

export interface Removal {
  /** What became of the tokens at Salesforce. */
  readonly revocation: 'revoked' | 'failed' | 'pending'
  readonly detail: string | null
}

/**
 * Stops the use of a connection's tokens at once, and has them given back. `revoke` keeps the connection, to be
 * authorised again.
 * @throws {ApiError} `connection_of_environment`, `connection_in_use` where jobs would be left behind.
 */
export async function removeConnection(
  deps: ApiDependencies,
  c: ApiContext,
  connection: Connection,
  how: 'delete' | 'revoke',
): Promise<Removal> {
  refuseEnvironment(connection, 'Take them away there, and start it again.')
  const { connectionId } = connection
  const operationId = await c.var.database.transaction(async (transaction) => {
    const connections = createConnectionQueries(transaction)
    // First, as all else that writes both rows does: renewals and counts would deadlock with it. An authorisation that
    // is being completed comes before it or finds the connection gone.
    await createSalesforceOauthTokenQueries(transaction).deactivate(connectionId)
    // A job that is accepted between the count and the removal would stay on a connection that is none.
    await connections.lockForRemoval(connectionId)
    const openJobs = how === 'delete' ? await connections.countOpenJobs(connectionId) : 0
    if (openJobs > 0) {
      const message = `${openJobs} jobs of this connection have not ended. Wait for them or cancel them, then delete it.`
      throw new ApiError('connection_in_use', message)
    }
    if (how === 'delete') {
      await connections.setDeleted(connectionId)
      await createWebhookIntakeQueries(transaction).remove(connectionId)
    } else await connections.setRevoked(connectionId)
    await createAuditLogQueries(transaction).append(
      auditEntry(c, {
        action: how === 'delete' ? 'connection.deleted' : 'connection.revoked',
        subject: connectionId,
      }),
    )
    return noteOperation(transaction, c, connectionId, 'revoke')
  })
  try {
    return removalOf(await runOperation(deps, c, { operationId, connectionId, kind: 'revoke' }))
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    // Nobody will give them back, so they must not stay here either.
    await erase(c, connectionId, how)
    return { revocation: 'failed', detail: `${error.message} ${END_THEM}` }
  }
}

async function erase(c: ApiContext, connectionId: string, how: 'delete' | 'revoke'): Promise<void> {
  await c.var.database.transaction(async (transaction) => {
    await createSalesforceOauthTokenQueries(transaction).erase(connectionId)
    if (how === 'revoke') return
    await createConnectionCredentialQueries(transaction).remove(connectionId)
    await createConnectionQueries(transaction).setErased(connectionId)
  })
}

const END_THEM = 'The tokens are erased here; end them in Setup under Connected Apps OAuth Usage.'

function removalOf(outcome: OperationOutcome | null): Removal {
  if (outcome === null) {
    const detail = 'Salesforce has not answered yet. It is asked for an hour at most.'
    return { revocation: 'pending', detail }
  }
  if (outcome.state === 'succeeded') return { revocation: 'revoked', detail: null }
  return { revocation: 'failed', detail: outcome.errorMessage }
}
