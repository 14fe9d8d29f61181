import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createOauthFlowQueries, oauthFlowContext } from '../../db/oauth-flows.ts'
import { createOauthAuditLogQueries } from '../../db/salesforce-oauth-audit-log.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { bindToBrowser } from './browser-binding.ts'
import { requireApp, requireEncryption } from './require-app.ts'

/** Seconds that a browser has for Salesforce's pages. */
export const AUTHORIZATION_SECONDS = 600
/** More at once is no use, and would fill the table. */
const MOST_PENDING = 1_000
/** What Conveyor works with: data by the API, and sessions when nobody is there. */
const SCOPES = 'api refresh_token'

export interface WantedAuthorization {
  /** Null where a connection is to be made. */
  readonly connectionId: string | null
  readonly name: string
  readonly userId: string | null
  readonly makeDefault: boolean
  readonly loginUrl: string
  /** Absent: the server's own app. */
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  /** Fills the login page in. */
  readonly username?: string | null
}

export interface Authorization {
  readonly url: string
  readonly state: string
  readonly clientId: string
  readonly redirectUri: string
  readonly expiresAt: Date
}

/** The state itself is never stored: who reads the table cannot complete a flow. */
export function hashState(state: string): Buffer {
  return createHash('sha256').update(state).digest()
}

/**
 * Begins the web-server flow with PKCE: notes state and verifier, and gives the address that the browser goes to.
 * @throws {ApiError} `encryption_key_required`, `app_not_configured`, `redirect_uri_required`, `too_many_authorizations`
 */
export async function beginAuthorization(
  deps: ApiDependencies,
  c: ApiContext,
  wanted: WantedAuthorization,
): Promise<Authorization> {
  requireEncryption(deps)
  const { clientId, redirectUri } = requireApp(deps, wanted.clientId)
  const flowId = `flow_${randomUUID()}`
  const state = randomBytes(32).toString('base64url')
  const codeVerifier = randomBytes(48).toString('base64url')
  const seal = (column: 'client_secret' | 'code_verifier', text: string) =>
    deps.sealing.seal(oauthFlowContext(flowId, column), Buffer.from(text))
  const browserHash = bindToBrowser(deps.settings, c, AUTHORIZATION_SECONDS)
  const userAgent = c.req.header('user-agent')?.slice(0, 300) ?? null
  const { workspaceId } = c.var
  const { connectionId, name, userId, makeDefault, loginUrl, clientSecret } = wanted

  await c.var.database.transaction(async (transaction) => {
    const flows = createOauthFlowQueries(transaction)
    if ((await flows.countPending()) >= MOST_PENDING) {
      const message = `${MOST_PENDING} authorisations are under way. They end ten minutes after they began.`
      throw new ApiError('too_many_authorizations', message)
    }
    await flows.insert({
      ...{ flowId, workspaceId, connectionId, name, userId, makeDefault, loginUrl, redirectUri },
      ...{ clientId, userAgent, stateHash: hashState(state), address: c.var.address, browserHash },
      clientSecret: clientSecret === undefined ? null : seal('client_secret', clientSecret),
      codeVerifier: seal('code_verifier', codeVerifier),
      startedBy: c.var.caller.keyId,
      lifeSeconds: AUTHORIZATION_SECONDS,
    })
    await createOauthAuditLogQueries(transaction).append({
      ...{ workspaceId, connectionId, userId, username: null, action: 'authorize', success: true },
      ...{ address: c.var.address, userAgent, details: { login_url: loginUrl } },
    })
    await createAuditLogQueries(transaction).append(
      auditEntry(c, {
        action: 'connection.authorization_started',
        subject: connectionId,
        details: { login_url: loginUrl },
      }),
    )
  })

  const url = new URL('/services/oauth2/authorize', loginUrl)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: SCOPES,
    state,
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(wanted.username ? { login_hint: wanted.username } : {}),
  }).toString()
  const expiresAt = new Date(Date.now() + AUTHORIZATION_SECONDS * 1_000)
  return { url: url.toString(), state, clientId, redirectUri, expiresAt }
}
