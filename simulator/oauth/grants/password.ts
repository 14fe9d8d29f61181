import type { Org } from '../../http/org-context.ts'
import { TokenError } from '../../http/token-error.ts'
import { type AuthenticatedClient, invalidClient } from '../authenticate-client.ts'
import { type Grant, logIn } from './grant.ts'

/** The username-password flow, which orgs block unless they are told otherwise. */
export async function grantToPassword(
  org: Org,
  { app, presentedSecret }: AuthenticatedClient,
  form: URLSearchParams,
): Promise<Grant> {
  if (!presentedSecret) throw invalidClient()
  const { userPassword } = org.settings()
  // A blocked flow and a wrong password look the same from outside.
  if (userPassword === null || form.get('password') !== userPassword) {
    throw new TokenError('invalid_grant', 'authentication failure')
  }
  const user = logIn(org, app, org.oauth.users.byUsername(form.get('username') ?? ''))
  const scopes = app.scopes.filter((scope) => !['refresh_token', 'offline_access'].includes(scope))
  const grant = { clientId: app.clientId, userNumber: user.n, approval: null, scopes }
  const accessToken = await org.write(() => org.sessions.open(grant))
  return { app, user, scopes, accessToken, refreshToken: null, idToken: null, isSigned: true }
}
