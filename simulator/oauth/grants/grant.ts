import type { Org } from '../../http/org-context.ts'
import { TokenError } from '../../http/token-error.ts'
import { admits, type ClientApp } from '../client-app.ts'
import type { Scope } from '../scopes.ts'
import type { OrgUser } from '../user-directory.ts'

/** Tokens that a flow handed out. */
export interface Grant {
  readonly app: ClientApp
  readonly user: OrgUser
  readonly scopes: readonly Scope[]
  readonly accessToken: string
  /** A new refresh token, where there is one. */
  readonly refreshToken: string | null
  /** Whether an ID token may go with it, and the nonce that it carries. */
  readonly idToken: { readonly nonce: string | null } | null
  /** The JWT bearer flow answers with neither signature nor time. */
  readonly isSigned: boolean
}

/** The user of a login, counted. @throws TokenError where the user may not log in. */
export function logIn(org: Org, app: ClientApp, user: OrgUser | null): OrgUser {
  if (user === null) throw new TokenError('invalid_grant', 'authentication failure')
  if (!user.isActive) throw new TokenError('inactive_user', 'user is inactive')
  if (!admits(app, user.username)) {
    throw new TokenError('invalid_app_access', 'user is not admin approved to access this app')
  }
  if (!org.oauth.logins.take(user.n, org.settings().loginsPerHour)) {
    throw new TokenError('rate_limit_exceeded', 'login rate exceeded')
  }
  return user
}
