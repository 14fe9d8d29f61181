import type { Hono } from 'hono'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { approvalPage, errorPage } from '../oauth/authorize-page.ts'
import {
  type AuthorizeError,
  type AuthorizeOutcome,
  type AuthorizeRequest,
  checkAuthorizeRequest,
  redirectLocation,
} from '../oauth/authorize-request.ts'
import { admits } from '../oauth/client-app.ts'
import { readForm } from '../oauth/read-form.ts'

/** Where a real org shows its approval page too. */
const PAGE = '/setup/secur/RemoteAccessAuthorizationPage.apexp'

/** The authorize endpoint, and the page on which a user allows or denies. */
export function addAuthorizeRoutes(app: Hono<OrgEnv>, org: Org): void {
  app.get('/services/oauth2/authorize', (c) =>
    afterCheck(org, c, () => c.redirect(PAGE + new URL(c.req.url).search)),
  )
  app.post('/services/oauth2/authorize', (c) =>
    refuse(c, { error: 'invalid_request', description: 'must use HTTP GET' }),
  )
  app.get(PAGE, (c) =>
    afterCheck(org, c, (request) => {
      c.header('X-Frame-Options', 'DENY')
      const action = PAGE + new URL(c.req.url).search
      return c.html(approvalPage(request, org.oauth.users.active(), action))
    }),
  )
  app.post(PAGE, (c) => afterCheck(org, c, (request) => decide(org, c, request)))
}

function afterCheck(
  org: Org,
  c: OrgContext,
  work: (request: AuthorizeRequest) => Response | Promise<Response>,
): Response | Promise<Response> {
  c.header('Cache-Control', 'no-store')
  // Checked at each step: the address of the page may have been changed on the way.
  const query = new URL(c.req.url).searchParams
  const outcome: AuthorizeOutcome = checkAuthorizeRequest(org, query)
  switch (outcome.kind) {
    case 'ask':
      return work(outcome.request)
    case 'redirect':
      return c.redirect(outcome.location)
    case 'refuse':
      return refuse(c, outcome)
  }
}

async function decide(org: Org, c: OrgContext, request: AuthorizeRequest): Promise<Response> {
  const { app, redirectUri, scopes, state, codeChallenge, nonce } = request
  const back = (answer: Readonly<Record<string, string>>): Response =>
    c.redirect(redirectLocation(redirectUri, state, answer))
  const form = await readForm(c)
  if (form.get('decision') !== 'allow') {
    return back({ error: 'access_denied', error_description: 'end-user denied authorization' })
  }
  const user = org.oauth.users.byUsername(form.get('username') ?? '')
  if (user === null) {
    return refuse(c, { error: 'invalid_grant', description: 'invalid user credentials' })
  }
  if (!user.isActive) return back({ error: 'inactive_user', error_description: 'user is inactive' })
  if (!admits(app, user.username)) {
    const description = 'user is not admin approved to access this app'
    return back({ error: 'OAUTH_APP_ACCESS_DENIED', error_description: description })
  }
  const code = await org.write(() =>
    org.oauth.codes.issue({
      clientId: app.clientId,
      userNumber: user.n,
      scopes,
      redirectUri,
      codeChallenge,
      nonce,
    }),
  )
  return back({ code })
}

function refuse(c: OrgContext, error: AuthorizeError): Response | Promise<Response> {
  return c.html(errorPage(error), 400)
}
