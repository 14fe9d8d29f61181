import { createHash } from 'node:crypto'
import type { Org } from '../../http/org-context.ts'
import { TokenError } from '../../http/token-error.ts'
import { type AuthenticatedClient, invalidClient } from '../authenticate-client.ts'
import type { AuthorizationCode } from '../code-store.ts'
import { allowsRefresh } from '../scopes.ts'
import { type Grant, logIn } from './grant.ts'

/** The web server flow: changes the code of the approval page into tokens. */
export async function redeemCode(
  org: Org,
  { app, presentedSecret }: AuthenticatedClient,
  form: URLSearchParams,
): Promise<Grant> {
  if (!app.isPublic && !presentedSecret) throw invalidClient()
  const text = form.get('code') ?? ''
  const code = await org.write(() => {
    const found = org.oauth.codes.find(text)
    if (found === null || found.clientId !== app.clientId) return null
    // Whatever is wrong with the rest of the call: nobody may try the code a second time.
    org.oauth.codes.use(text)
    return found
  })
  if (code === null) throw new TokenError('invalid_grant', 'invalid authorization code')
  const age = Date.now() - code.created
  if (code.used || age >= org.settings().authorizationCodeSeconds * 1_000) {
    throw new TokenError('invalid_grant', 'expired authorization code')
  }
  checkRedirect(code, form.get('redirect_uri'))
  checkVerifier(code.codeChallenge, form.get('code_verifier'))
  const user = logIn(org, app, org.oauth.users.byNumber(code.userNumber))
  const { scopes, nonce } = code
  return org.write(() => {
    const grant = { clientId: app.clientId, userNumber: user.n, scopes }
    const { id: approval, dropped } = org.oauth.approvals.add(grant)
    for (const old of dropped) org.sessions.closeApproval(old)
    return {
      app,
      user,
      scopes,
      accessToken: org.sessions.open({ ...grant, approval }),
      refreshToken: allowsRefresh(scopes) ? org.oauth.approvals.addRefreshToken(approval) : null,
      idToken: { nonce },
      isSigned: true,
    }
  })
}

function checkRedirect(code: AuthorizationCode, redirectUri: string | null): void {
  if (redirectUri === null) {
    throw new TokenError('redirect_uri_missing', 'redirect_uri not provided')
  }
  if (redirectUri !== code.redirectUri) {
    throw new TokenError('redirect_uri_mismatch', 'redirect_uri must match configuration')
  }
}

function checkVerifier(challenge: string | null, verifier: string | null): void {
  if (challenge === null) {
    // Somebody took the challenge out on the way to the approval page.
    if (verifier !== null) throw new TokenError('invalid_grant', 'invalid code verifier')
    return
  }
  if (verifier === null || verifier === '') {
    throw new TokenError('invalid_grant', 'missing code verifier')
  }
  if (createHash('sha256').update(verifier).digest('base64url') !== challenge) {
    throw new TokenError('invalid_request', 'invalid code verifier')
  }
}
