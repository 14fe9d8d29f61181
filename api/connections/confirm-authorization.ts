import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createApiKeyQueries } from '../../db/api-keys.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createOauthFlowQueries, type OauthFlow, oauthFlowContext } from '../../db/oauth-flows.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { hashState } from './authorization.ts'
import { exchangeCode, invalidState, OUTCOME_SECONDS } from './complete-authorization.ts'
import { requireEncryption } from './require-app.ts'

const TOKEN = /^[\w-]{43}$/

/** What the user of a browser is asked. */
export interface Confirmation {
  /** Counts once, within the ten minutes of the flow. */
  readonly token: string
  readonly workspace: string
  readonly connectionName: string
  readonly startedBy: string
  readonly startedFrom: string | null
  readonly startedAt: Date
}

/**
 * Uses the state up and keeps the code, sealed, until its user has confirmed. The same address loaded again asks again:
 * an answer may be lost on its way.
 * @throws {ApiError} `encryption_key_required`, `invalid_state`
 */
export async function askToConfirm(
  deps: ApiDependencies,
  database: WorkspaceDatabase,
  { state, code }: { readonly state: string; readonly code: string },
): Promise<Confirmation> {
  requireEncryption(deps)
  const token = randomBytes(32).toString('base64url')
  const flow = await database.transaction(async (transaction) => {
    const flows = createOauthFlowQueries(transaction)
    const found = await flows.findByState(hashState(state), 'held')
    if (found === null || !mayAsk(deps, found, code)) return null
    const sealed = deps.sealing.seal(oauthFlowContext(found.flowId, 'code'), Buffer.from(code))
    await flows.beginConfirmation(found.flowId, sealed, hashToken(token))
    return found
  })
  if (flow === null) throw invalidState()
  const workspace = await deps.database.system.findWorkspace(flow.workspaceId)
  return {
    token,
    workspace: workspace?.name ?? flow.workspaceId,
    connectionName: flow.name,
    startedBy: await starterOf(database, flow),
    startedFrom: flow.address,
    startedAt: flow.createdAt,
  }
}

/** Whoever knows the state must not put another code in the place of the one that is being confirmed. */
function mayAsk(deps: ApiDependencies, flow: OauthFlow, code: string): boolean {
  if (flow.state === 'pending') return true
  if (flow.code === null) return false
  const held = deps.sealing.openSecret(oauthFlowContext(flow.flowId, 'code'), flow.code)
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
  return timingSafeEqual(digest(held), digest(Buffer.from(code)))
}

async function starterOf(database: WorkspaceDatabase, { startedBy }: OauthFlow): Promise<string> {
  if (startedBy === null) return 'a program on the machine of the server'
  const key = await createApiKeyQueries(database).find(startedBy)
  return key === null ? `the API key ${startedBy}` : `the API key “${key.name}” (${startedBy})`
}

/**
 * Goes on with a flow whose user has confirmed it.
 * @returns the connection, and the database of its workspace.
 * @throws {ApiError} `encryption_key_required`, `invalid_state`, and what the exchange failed with.
 */
export async function completeConfirmed(
  deps: ApiDependencies,
  c: ApiContext,
  token: string,
): Promise<{ readonly connectionId: string; readonly database: WorkspaceDatabase }> {
  requireEncryption(deps)
  const confirmationHash = hashToken(token)
  const workspaceId = TOKEN.test(token)
    ? await deps.database.system.workspaceOfOauthConfirmation(confirmationHash)
    : null
  if (workspaceId === null) throw invalidState()
  const database = deps.database.workspace(workspaceId)
  const flow = await database.transaction(async (transaction) => {
    const flows = createOauthFlowQueries(transaction)
    const claimed = await flows.claimConfirmed(confirmationHash, OUTCOME_SECONDS)
    if (claimed === null) return null
    await createAuditLogQueries(transaction).append({
      // By the browser's user, of whom nothing is known here but where they are.
      ...{ workspaceId, actorKind: 'salesforce', actorId: null, address: c.var.address },
      ...{ action: 'connection.authorization_confirmed', subject: claimed.connectionId },
      ...{ outcome: 'success', requestId: c.var.requestId, details: {} },
    })
    return claimed
  })
  if (flow === null) throw invalidState()
  return { connectionId: await exchangeCode(deps, database, flow), database }
}

/** As with the state, who reads the table cannot confirm. */
function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
