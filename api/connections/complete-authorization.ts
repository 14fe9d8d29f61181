import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createOauthFlowQueries, type OauthFlow, oauthFlowContext } from '../../db/oauth-flows.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { AUTHORIZATION_SECONDS, hashState } from './authorization.ts'
import { awaitOutcome, type Outcome, requireSuccess } from './await-outcome.ts'
import { requireEncryption } from './require-app.ts'

/** Seconds that an outcome is kept for who waits. */
export const OUTCOME_SECONDS = 3_600

/** What a browser brings back from Salesforce. */
export interface BroughtBack {
  readonly state: string
  readonly code: string | null
  /** What Salesforce says instead of a code. */
  readonly error: string | null
  readonly errorDescription: string | null
}

/**
 * Uses the state up, hands the code to a workflow and waits for the connection that comes of it.
 * @returns its id
 * @throws {ApiError} `encryption_key_required`, `invalid_state`, `authorization_denied`, and what the exchange failed with.
 */
export async function completeAuthorization(
  deps: ApiDependencies,
  database: WorkspaceDatabase,
  brought: BroughtBack,
): Promise<string> {
  const { code } = brought
  // A process that lost its key while the browser was away would store the code in clear.
  requireEncryption(deps)
  const flow = await claim(deps, database, brought)
  if (code === null) {
    const message = deniedMessage(brought)
    await deny(database, flow, message)
    throw new ApiError('authorization_denied', message)
  }
  return exchangeCode(deps, database, flow)
}

/**
 * Hands the code of a claimed flow to a workflow and waits for the connection that comes of it.
 * @throws {ApiError} what the exchange failed with.
 */
export async function exchangeCode(
  deps: ApiDependencies,
  database: WorkspaceDatabase,
  flow: OauthFlow,
): Promise<string> {
  const flows = createOauthFlowQueries(database)
  const { flowId, workspaceId } = flow
  try {
    await deps.starters.startExchangeAuthorizationCode({ workspaceId, flowId })
  } catch (error) {
    // The code is good for some minutes: the same address may be opened again. Where only Temporal's answer was lost
    // the work may be under way, and its outcome is what counts.
    if (await flows.unclaim(flowId, AUTHORIZATION_SECONDS)) {
      const message = 'The work could not be started. Send the same again in a few seconds.'
      throw new ApiError('service_unavailable', message, {
        headers: { 'retry-after': '5' },
        cause: error,
      })
    }
    deps.logger.warn({ err: error, flowId }, 'an exchange goes on whose start was not acknowledged')
  }
  const outcome = await awaitOutcome(deps.settings, () => look(database, flowId))
  const { connectionId } = requireSuccess(outcome)
  if (connectionId === null) throw new Error(`The flow ${flowId} ended without a connection.`)
  return connectionId
}

async function claim(
  deps: ApiDependencies,
  database: WorkspaceDatabase,
  { state, code }: BroughtBack,
): Promise<OauthFlow> {
  const claimed = await database.transaction(async (transaction) => {
    const flows = createOauthFlowQueries(transaction)
    const flow = await flows.claim(hashState(state))
    if (flow !== null && code !== null) {
      const sealed = deps.sealing.seal(oauthFlowContext(flow.flowId, 'code'), Buffer.from(code))
      await flows.setCode(flow.flowId, sealed, OUTCOME_SECONDS)
    }
    return flow
  })
  if (claimed === null) throw invalidState()
  return claimed
}

/** Of a state that is none, or none any more. */
export function invalidState(): ApiError {
  const message =
    'This state is not known, was used before, or is older than ten minutes. Start the authorisation again.'
  return new ApiError('invalid_state', message)
}

async function deny(database: WorkspaceDatabase, flow: OauthFlow, message: string): Promise<void> {
  await database.transaction(async (transaction) => {
    await createOauthFlowQueries(transaction).fail(flow.flowId, 'authorization_denied', message)
    await createAuditLogQueries(transaction).append({
      ...{ workspaceId: flow.workspaceId, outcome: 'refused', requestId: null },
      // By the browser's user, of whom nothing is known here.
      ...{ actorKind: 'salesforce', actorId: null, address: flow.address },
      action: flow.connectionId === null ? 'connection.created' : 'connection.reauthorized',
      subject: flow.connectionId,
      details: { code: 'authorization_denied' },
    })
  })
}

async function look(
  database: WorkspaceDatabase,
  flowId: string,
): Promise<Outcome & { readonly connectionId: string | null }> {
  const flow = await createOauthFlowQueries(database).find(flowId)
  if (flow === null) throw new Error(`The flow ${flowId} is gone.`)
  return {
    ended: flow.state === 'completed' || flow.state === 'failed',
    errorCode: flow.errorCode,
    errorMessage: flow.errorMessage,
    connectionId: flow.connectionId,
  }
}

/** Salesforce's words come by the browser, so they are cut and stripped before anybody reads them. */
function deniedMessage({ error, errorDescription }: BroughtBack): string {
  const plain = (text: string | null) => (text ?? '').replace(/[^\w .,:'/-]/g, ' ').slice(0, 200)
  const said = `Salesforce says ${plain(error) || 'nothing'}: ${plain(errorDescription) || 'no reason'}.`
  return error === 'access_denied'
    ? `${said} The user did not allow it; start again and choose Allow.`
    : `${said} See docs/salesforce/connect.md.`
}
