import type { ConnectionOperationInput } from '../contracts/connection.ts'
import { createConnectionCredentialQueries } from '../db/connection-credentials.ts'
import { createConnectionOperationQueries } from '../db/connection-operations.ts'
import { createConnectionQueries } from '../db/connections.ts'
import { createOauthAuditLogQueries } from '../db/salesforce-oauth-audit-log.ts'
import { createSalesforceOauthTokenQueries, tokenContext } from '../db/salesforce-oauth-tokens.ts'
import { type ConnectionRefusal, refusalOf } from './connection-outcome.ts'
import type { ActivityDependencies } from './dependencies.ts'

/** Gives the tokens of a connection back that nobody uses any more, and erases them. Safe to repeat. */
export function createConnectionRevoke(deps: ActivityDependencies) {
  const { database } = deps

  return {
    async revokeTokens({ connectionId, operationId }: ConnectionOperationInput): Promise<void> {
      try {
        await giveBack(connectionId)
      } catch (error) {
        const refusal = refusalOf(error, 'credentials')
        if (refusal === null) throw error
        await end({ connectionId, operationId }, refusal)
        return
      }
      await end({ connectionId, operationId }, null)
    },

    /** Where Salesforce could not be reached in time: the tokens go all the same, and a person is told. */
    async giveUpRevocation(input: ConnectionOperationInput): Promise<void> {
      await end(input, {
        code: 'salesforce_unavailable',
        message:
          'Salesforce did not answer in time. The tokens are erased here; end them there in Setup under Connected Apps OAuth Usage.',
      })
    },
  }

  async function giveBack(connectionId: string): Promise<void> {
    const stored = await createSalesforceOauthTokenQueries(database).find(connectionId)
    const connection = await createConnectionQueries(database).get(connectionId)
    const loginUrl = connection?.loginUrl ?? stored?.instanceUrl ?? null
    // Authorised again since: the tokens that are there now are in use.
    if (stored === null || stored.isActive || loginUrl === null) return
    // A refresh token takes its access tokens along.
    const column = stored.refreshToken === null ? 'access_token' : 'refresh_token'
    const sealed = stored.refreshToken ?? stored.accessToken
    if (sealed === null) return
    const token = deps.sealing.openSecret(tokenContext(connectionId, column), sealed).toString()
    await deps.oauth.endpoint.revoke(loginUrl, token)
  }

  async function end(
    { connectionId, operationId }: Pick<ConnectionOperationInput, 'connectionId' | 'operationId'>,
    refusal: ConnectionRefusal | null,
  ): Promise<void> {
    await database.transaction(async (transaction) => {
      const operations = createConnectionOperationQueries(transaction)
      const isFirst =
        refusal === null
          ? await operations.succeed(operationId)
          : await operations.fail(operationId, refusal.code, refusal.message)
      if (!isFirst) return
      const connections = createConnectionQueries(transaction)
      const connection = await connections.get(connectionId)
      // It may have been authorised again meanwhile: those tokens are not ours to erase.
      if (connection === null || connection.status !== 'revoked') return
      await createSalesforceOauthTokenQueries(transaction).erase(connectionId)
      if (connection.isDeleted) {
        await createConnectionCredentialQueries(transaction).remove(connectionId)
        await connections.setErased(connectionId)
      }
      await createOauthAuditLogQueries(transaction).append({
        ...{ workspaceId: connection.workspaceId, connectionId, userId: connection.userId },
        ...{ username: connection.username, action: 'revoke', success: refusal === null },
        errorMessage: refusal?.message ?? null,
      })
    })
    deps.logger.info({ connectionId, code: refusal?.code ?? null }, 'the tokens were given back')
  }
}
