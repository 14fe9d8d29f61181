import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExchangeAuthorizationCodeInput } from '../contracts/connection.ts'
import { createAuditLogQueries } from '../db/audit-log.ts'
import { createOauthFlowQueries, type OauthFlow, oauthFlowContext } from '../db/oauth-flows.ts'
import { createOauthAuditLogQueries } from '../db/salesforce-oauth-audit-log.ts'
import { isSalesforceError } from '../salesforce/errors.ts'
import { readSessionUser, type SessionUser } from '../salesforce/session-user.ts'
import type { GrantedToken } from '../salesforce/token-answer.ts'
import { type ConnectionRefusal, refusalOf } from './connection-outcome.ts'
import { requireScopes } from './connection-scopes.ts'
import { createConnectionStore } from './connection-store.ts'
import type { ActivityDependencies } from './dependencies.ts'
import { internal } from './failures.ts'

/** Within the time of one attempt, which has gone to Salesforce before. */
const STORE_PAUSES_MS = [200, 1_000, 3_000, 8_000]

/**
 * Changes the code that a browser brought into tokens. A code counts once: that it is used is committed before the
 * call, so that an attempt which finds it so gives up instead of presenting it again.
 */
export function createConnectionExchange(deps: ActivityDependencies) {
  const { database, sealing } = deps
  const flows = createOauthFlowQueries(database)
  const store = createConnectionStore(deps)

  return {
    async exchangeCode({ flowId }: ExchangeAuthorizationCodeInput): Promise<void> {
      const flow = await flows.find(flowId)
      if (flow === null) throw internal(`The authorisation ${flowId} does not exist.`)
      if (flow.state === 'completed' || flow.state === 'failed') return
      const { code, codeVerifier } = flow
      if (flow.state === 'pending' || flow.state === 'confirming') {
        // Given back, as the start of this run was not acknowledged: whoever sends the same again goes on with it.
        throw internal(`The authorisation ${flowId} waits for its user.`)
      }
      if (code === null || codeVerifier === null) {
        throw internal(`The authorisation ${flowId} has no code, or not any more.`)
      }
      if (!(await flows.beginExchange(flowId))) {
        await fail(flow, {
          code: 'authorization_interrupted',
          message:
            'The answer to the exchange of the code was lost. Start the authorisation again.',
        })
        return
      }
      const granted = await exchange(flow, { code, codeVerifier })
      if (granted === null) return
      try {
        requireScopes('web_server', granted.session.scope, granted.refreshToken !== null)
        const user = await userOf(granted)
        const replaced = await patiently(() =>
          store.complete(flow, granted, user, `con_${randomUUID()}`),
        )
        if (replaced !== null) await giveBack(flow, replaced)
      } catch (error) {
        const refusal = refusalOf(error, 'code')
        if (refusal === null) throw error
        await fail(flow, refusal)
        const { refreshToken: token } = granted
        if (token !== null) await giveBack(flow, { token, loginUrl: flow.loginUrl })
      }
    },

    /** Where no attempt came to an end in time. */
    async giveUpExchange({ flowId }: ExchangeAuthorizationCodeInput): Promise<void> {
      const flow = await flows.find(flowId)
      if (flow === null) return
      await fail(flow, {
        code: 'salesforce_unavailable',
        message: 'Salesforce did not answer in time. Start the authorisation again.',
      })
    },
  }

  /** The code is used up, so a database that is away for a moment must not cost the tokens. */
  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    for (const pauseMs of STORE_PAUSES_MS) {
      try {
        return await work()
      } catch (error) {
        if (refusalOf(error, 'code') !== null) throw error
        deps.logger.warn({ err: error }, 'a new connection is not stored yet')
        await sleep(pauseMs)
      }
    }
    return work()
  }

  /**
   * What nobody will use, or use again: it would work on there until somebody ends it, and Salesforce keeps five
   * approvals of a user and an app, and drops the oldest silently, which may be one that works. The outcome is written
   * by then, so a failure costs that place alone.
   */
  async function giveBack(
    flow: OauthFlow,
    { token, loginUrl }: { readonly token: string; readonly loginUrl: string },
  ): Promise<void> {
    try {
      await deps.oauth.endpoint.revoke(loginUrl, token)
    } catch (error) {
      deps.logger.warn({ err: error, flowId: flow.flowId }, 'unused tokens were not given back')
    }
  }

  /** Null where the outcome is written. @throws what may be tried again. */
  async function exchange(
    flow: OauthFlow,
    { code, codeVerifier }: { readonly code: Buffer; readonly codeVerifier: Buffer },
  ): Promise<GrantedToken | null> {
    const open = (column: 'client_secret' | 'code_verifier' | 'code', sealed: Buffer) =>
      sealing.openSecret(oauthFlowContext(flow.flowId, column), sealed).toString()
    try {
      const granted = await deps.oauth.endpoint.grant({
        grant: 'authorization_code',
        loginUrl: flow.loginUrl,
        clientId: flow.clientId,
        clientSecret:
          flow.clientSecret === null
            ? deps.oauth.secretOf(flow.clientId)
            : open('client_secret', flow.clientSecret),
        code: open('code', code),
        redirectUri: flow.redirectUri,
        codeVerifier: open('code_verifier', codeVerifier),
      })
      await deps.failpoint('exchange.after-answer')
      return granted
    } catch (error) {
      const refusal = refusalOf(error, 'code')
      if (refusal !== null) {
        await fail(flow, refusal)
        return null
      }
      if (isSalesforceError(error) && mayPresentAgain(error)) {
        await flows.undoExchange(flow.flowId)
        throw error
      }
      await fail(flow, {
        code: 'authorization_interrupted',
        message: `The code was sent and its answer is not known (${error instanceof Error ? error.message : String(error)}). Start the authorisation again.`,
      })
      return null
    }
  }

  /** Also shows that the user may use the API at all. A lost answer leaves the names out, and costs no tokens. */
  async function userOf({ session, salesforceUserId }: GrantedToken): Promise<SessionUser> {
    const client = deps.oauth.clientOf(session)
    try {
      return await readSessionUser(client, salesforceUserId)
    } catch (error) {
      if (refusalOf(error, 'api') !== null) throw error
      deps.logger.warn({ err: error }, 'the user of a new connection could not be read')
      return { username: null, email: null, profileId: null }
    } finally {
      await client.close()
    }
  }

  async function fail(flow: OauthFlow, { code, message }: ConnectionRefusal): Promise<void> {
    await database.transaction(async (transaction) => {
      if (!(await createOauthFlowQueries(transaction).fail(flow.flowId, code, message))) return
      await createOauthAuditLogQueries(transaction).append({
        ...{ workspaceId: flow.workspaceId, connectionId: flow.connectionId, userId: flow.userId },
        ...{ username: null, action: 'exchange', success: false, errorMessage: message },
        ...{ address: flow.address, userAgent: flow.userAgent, details: { code } },
      })
      await createAuditLogQueries(transaction).append({
        ...{ workspaceId: flow.workspaceId, outcome: 'failed', requestId: null },
        actorKind: flow.startedBy === null ? 'local' : 'api_key',
        actorId: flow.startedBy,
        action: flow.connectionId === null ? 'connection.created' : 'connection.reauthorized',
        subject: flow.connectionId,
        address: flow.address,
        details: { code },
      })
    })
    deps.logger.warn({ flowId: flow.flowId, code }, 'an authorisation failed')
  }
}

/** It never left, or Salesforce said in its own words that it did nothing with it. */
function mayPresentAgain(error: { kind: string; errorCode: string | null }): boolean {
  return error.kind === 'not_sent' || (error.kind === 'rate_limited' && error.errorCode !== null)
}
