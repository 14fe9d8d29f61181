import type { Org, OrgContext } from '../../http/org-context.ts'
import { TokenError } from '../../http/token-error.ts'
import { type AuthenticatedClient, invalidClient } from '../authenticate-client.ts'
import { withoutUserScopes } from '../scopes.ts'
import { type Grant, logIn } from './grant.ts'

/** The client-credentials flow, on the org's own host only. */
export async function grantToClient(
  org: Org,
  c: OrgContext,
  { app, presentedSecret }: AuthenticatedClient,
  form: URLSearchParams,
): Promise<Grant> {
  if (!presentedSecret) throw invalidClient()
  if (isLoginHost(org, c)) {
    throw new TokenError('invalid_grant', 'request not supported on this domain')
  }
  if (form.has('scope')) throw new TokenError('invalid_request', 'scope parameter not supported')
  const runAs = app.clientCredentialsUser
  const found = runAs === null ? null : org.oauth.users.byUsername(runAs)
  if (found === null) {
    throw new TokenError('invalid_grant', 'no client credentials user enabled')
  }
  const scopes = withoutUserScopes(app.scopes)
  if (scopes.length === 0) throw new TokenError('invalid_grant', 'no valid scopes defined')
  const user = logIn(org, app, found)
  const grant = { clientId: app.clientId, userNumber: user.n, approval: null, scopes }
  const accessToken = await org.write(() => org.sessions.open(grant))
  return { app, user, scopes, accessToken, refreshToken: null, idToken: null, isSigned: true }
}

function isLoginHost(org: Org, c: OrgContext): boolean {
  const host = (c.req.header('host') ?? '').toLowerCase()
  const name = host.replace(/:\d+$/, '')
  return org.settings().loginHosts.some((shared) => [host, name].includes(shared.toLowerCase()))
}
