import type { Hono } from 'hono'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { TokenError } from '../http/token-error.ts'
import { liveSession } from '../oauth/admit-session.ts'
import { type AnswerBody, answerInFormat } from '../oauth/answer-format.ts'
import { authenticateClient, invalidClient } from '../oauth/authenticate-client.ts'
import { redeemCode } from '../oauth/grants/authorization-code.ts'
import { grantToClient } from '../oauth/grants/client-credentials.ts'
import type { Grant } from '../oauth/grants/grant.ts'
import { grantToAssertion } from '../oauth/grants/jwt-bearer.ts'
import { grantToPassword } from '../oauth/grants/password.ts'
import { refresh } from '../oauth/grants/refresh-token.ts'
import { introspect } from '../oauth/introspect.ts'
import { readForm } from '../oauth/read-form.ts'
import { tokenBody } from '../oauth/token-body.ts'
import { addOauthAdminRoutes } from './oauth-admin.ts'
import { addAuthorizeRoutes } from './oauth-authorize.ts'
import { addIdentityRoutes } from './oauth-identity.ts'

/** Everything of OAuth. The endpoints of this file are those that apps call by themselves. */
export function addOauthRoutes(app: Hono<OrgEnv>, org: Org): void {
  addAuthorizeRoutes(app, org)
  addIdentityRoutes(app, org)
  addOauthAdminRoutes(app, org)
  const root = '/services/oauth2'
  app.post(`${root}/token`, (c) =>
    answer(c, async (form) => tokenBody(org, await grant(org, c, form))),
  )
  app.get(`${root}/token`, (c) =>
    answer(c, () => {
      throw new TokenError('invalid_request', 'must use HTTP POST')
    }),
  )
  app.on(['GET', 'POST'], `${root}/revoke`, async (c) => {
    const form = await readForm(c)
    try {
      await revoke(org, form.get('token') ?? '')
      return c.body(null, 200)
    } catch (error) {
      return refusal(c, form, error)
    }
  })
  app.post(`${root}/introspect`, (c) =>
    answer(c, (form) => {
      const client = authenticateClient(org, c, form)
      if (!client.presentedSecret) throw invalidClient()
      return introspect(org, client.app, form.get('token') ?? '')
    }),
  )
}

async function answer(
  c: OrgContext,
  work: (form: URLSearchParams) => AnswerBody | Promise<AnswerBody>,
): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  const form = await readForm(c)
  try {
    return answerInFormat(c, form, await work(form), 'OAuth')
  } catch (error) {
    return refusal(c, form, error)
  }
}

function refusal(c: OrgContext, form: URLSearchParams, error: unknown): Response {
  if (!(error instanceof TokenError)) throw error
  c.header('Cache-Control', 'no-store')
  return answerInFormat(c, form, error.body(), 'OAuth', error.status)
}

async function grant(org: Org, c: OrgContext, form: URLSearchParams): Promise<Grant> {
  const type = form.get('grant_type')
  switch (type) {
    case 'authorization_code':
      return redeemCode(org, authenticateClient(org, c, form), form)
    case 'refresh_token':
      return refresh(org, authenticateClient(org, c, form), form)
    case 'client_credentials':
      return grantToClient(org, c, authenticateClient(org, c, form), form)
    case 'password':
      return grantToPassword(org, authenticateClient(org, c, form), form)
    case 'urn:ietf:params:oauth:grant-type:jwt-bearer':
      return grantToAssertion(org, form)
    default:
      throw new TokenError('unsupported_grant_type', 'grant type not supported')
  }
}

/** An access token ends alone; a refresh token takes its approval and all sessions of it along. */
async function revoke(org: Org, token: string): Promise<void> {
  if (token === '') {
    throw new TokenError('unsupported_token_type', 'this token type is not supported')
  }
  const wasLive = await org.write(() => {
    if (liveSession(org, token) !== null) {
      org.sessions.close(token)
      return true
    }
    const known = org.oauth.approvals.ofRefreshToken(token)
    if (known === null || known.retired) return false
    org.oauth.revoke(known.approval.id)
    return true
  })
  if (!wasLive) throw new TokenError('invalid_token', `invalid token: ${token}`)
}
