import type { Org } from '../http/org-context.ts'
import { liveSession } from './admit-session.ts'
import type { AnswerBody } from './answer-format.ts'
import type { ClientApp } from './client-app.ts'
import { identityUrl } from './identity-url.ts'
import type { Scope } from './scopes.ts'

const INACTIVE: AnswerBody = { active: false }

/** What an app may learn of a token by RFC 7662: about its own tokens all, about others nothing. */
export function introspect(org: Org, app: ClientApp, token: string): AnswerBody {
  const session = liveSession(org, token)
  if (session !== null) {
    if (session.clientId !== app.clientId) return INACTIVE
    const { sessionSeconds } = org.settings()
    const seconds = (ms: number): number => Math.floor(ms / 1_000)
    return {
      ...described(org, app, session.userNumber, session.scopes, 'access_token'),
      ...(sessionSeconds === null ? {} : { exp: seconds(session.used + sessionSeconds * 1_000) }),
      iat: seconds(session.created),
      nbf: seconds(session.created),
    }
  }
  const known = org.oauth.approvals.ofRefreshToken(token)
  if (known === null || known.retired || known.approval.clientId !== app.clientId) return INACTIVE
  const { userNumber, scopes, created } = known.approval
  return {
    ...described(org, app, userNumber, scopes, 'refresh_token'),
    iat: Math.floor(created / 1_000),
  }
}

function described(
  org: Org,
  app: ClientApp,
  userNumber: number,
  scopes: readonly Scope[],
  type: 'access_token' | 'refresh_token',
): AnswerBody {
  const user = org.oauth.users.byNumber(userNumber)
  return {
    active: true,
    scope: scopes.join(' '),
    client_id: app.clientId,
    username: user?.username ?? null,
    sub: user === null ? null : identityUrl(org, user.id),
    token_type: type,
  }
}
