import { setTimeout as sleep } from 'node:timers/promises'
import type { Org } from '../../http/org-context.ts'
import { TokenError } from '../../http/token-error.ts'
import { type AuthenticatedClient, invalidClient } from '../authenticate-client.ts'
import { type Grant, logIn } from './grant.ts'

/** The refresh token flow. One refresh of an approval at a time: a second one meanwhile is refused. */
export async function refresh(
  org: Org,
  { app, presentedSecret }: AuthenticatedClient,
  form: URLSearchParams,
): Promise<Grant> {
  if (!app.isPublic && app.requireSecretForRefresh && !presentedSecret) throw invalidClient()
  const token = form.get('refresh_token') ?? ''
  const { approvals, refreshing } = org.oauth
  const known = approvals.ofRefreshToken(token)
  if (known === null || known.approval.clientId !== app.clientId) throw expired()
  const { id, userNumber, scopes } = known.approval
  if (refreshing.has(id)) {
    throw new TokenError('invalid_grant', 'token request is already being processed')
  }
  refreshing.add(id)
  try {
    await sleep(org.settings().refreshMs)
    if (known.retired) {
      // Whoever presents a token that was rotated out may have stolen it: nobody keeps the approval.
      await org.write(() => org.oauth.revoke(id))
      throw expired()
    }
    const user = logIn(org, app, org.oauth.users.byNumber(userNumber))
    const rotates = app.rotateRefreshTokens ?? org.settings().rotateRefreshTokens
    const tokens = await org.write(() => {
      // It may have been revoked meanwhile.
      if (approvals.ofRefreshToken(token)?.retired !== false) return null
      const grant = { clientId: app.clientId, userNumber, approval: id, scopes }
      return {
        accessToken: org.sessions.open(grant),
        refreshToken: rotates ? approvals.rotate(id) : null,
      }
    })
    if (tokens === null) throw expired()
    return { app, user, scopes, ...tokens, idToken: { nonce: null }, isSigned: true }
  } finally {
    refreshing.delete(id)
  }
}

function expired(): TokenError {
  return new TokenError('invalid_grant', 'expired access/refresh token')
}
