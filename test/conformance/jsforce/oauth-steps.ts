import assert from 'node:assert/strict'
import jsforce from 'jsforce'
import type { Step } from '../run-steps.ts'
import type { RunningSimulator } from '../running-simulator.ts'
import { connect, type JsforceContext } from './connected.ts'

const APP = {
  clientId: 'conformance-client',
  clientSecret: 'conformance-secret',
  redirectUri: 'http://localhost:4000/oauth2/callback',
}

/** Goes the way of a browser: opens the page, and presses Allow or Deny. Gives the address it is sent to. */
async function decide(authorizeUrl: string, decision: 'allow' | 'deny'): Promise<URL> {
  const page = await fetch(authorizeUrl)
  const html = await page.text()
  const username = /<option value="([^"]+)"/.exec(html)?.[1] ?? ''
  const action = /<form[^>]*action="([^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const sent = await fetch(new URL(action === '' ? page.url : action, page.url), {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ username, decision }),
  })
  const location = sent.headers.get('location')
  if (location === null) throw new Error(`no redirect: ${sent.status} ${await sent.text()}`)
  return new URL(location)
}

async function register(simulator: RunningSimulator): Promise<void> {
  const { redirectUri, ...app } = APP
  const response = await fetch(`${simulator.url}/__simulator/apps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...app, redirectUris: [redirectUri] }),
  })
  if (!response.ok) throw new Error(`app refused: ${response.status} ${await response.text()}`)
}

/** Addresses of OAuth, and its web-server flow with PKCE from the page to the end of the session. */
export function oauthSteps(): Step<JsforceContext>[] {
  const step = (name: string, run: Step<JsforceContext>['run']): Step<JsforceContext> => ({
    suite: 'oauth2',
    name,
    run,
  })
  const flow = ({ simulator }: JsforceContext) =>
    new jsforce.OAuth2({ ...APP, loginUrl: simulator.url, useVerifier: true })
  let session: jsforce.Connection | null = null
  const opened = (): jsforce.Connection => {
    if (session === null) throw new Error('the flow before gave no session')
    return session
  }
  return [
    ...['', '/', '/AppCentral'].map((path) =>
      step(`builds its addresses on a login address that ends in "${path}"`, async () => {
        const loginUrl = `https://example.my.salesforce.com${path}`
        const root = loginUrl.replace(/\/$/, '')
        const oauth2 = new jsforce.OAuth2({ ...APP, loginUrl })
        assert.equal(oauth2.authzServiceUrl, `${root}/services/oauth2/authorize`)
        assert.equal(oauth2.tokenServiceUrl, `${root}/services/oauth2/token`)
        assert.equal(oauth2.revokeServiceUrl, `${root}/services/oauth2/revoke`)
      }),
    ),
    step('gets a code and a session from the page', async (context) => {
      await register(context.simulator)
      const oauth2 = flow(context)
      const url = oauth2.getAuthorizationUrl({ state: 'hello', scope: 'api id refresh_token' })
      const back = await decide(url, 'allow')
      assert.equal(back.searchParams.get('state'), 'hello')
      const connection = new jsforce.Connection({ oauth2, loginUrl: context.simulator.url })
      const user = await connection.authorize(String(back.searchParams.get('code')))
      assert.match(user.id, /^005/)
      assert.match(user.organizationId, /^00D/)
      assert.equal((await connection.query('SELECT Id FROM User LIMIT 1')).totalSize, 1)
      assert.notEqual(connection.refreshToken ?? '', '')
      session = connection
    }),
    step('is told of a denial', async (context) => {
      const back = await decide(flow(context).getAuthorizationUrl({ state: 'no' }), 'deny')
      assert.equal(back.searchParams.get('error'), 'access_denied')
      assert.equal(back.searchParams.get('state'), 'no')
    }),
    step('refreshes once for calls side by side', async () => {
      const connection = opened()
      let refreshed = 0
      connection.on('refresh', () => {
        refreshed += 1
      })
      connection.accessToken = 'invalid access token'
      const [query, global] = await Promise.all([
        connection.query('SELECT Id FROM User LIMIT 1'),
        connection.describeGlobal(),
      ])
      assert.equal(query.totalSize, 1)
      assert.ok(global.sobjects.length > 0)
      assert.equal(refreshed, 1)
    }),
    step('is refused with a refresh token that is not known', async (context) => {
      const connection = new jsforce.Connection({
        oauth2: flow(context),
        instanceUrl: context.simulator.url,
        accessToken: 'invalid access token',
        refreshToken: 'invalid refresh token',
      })
      await assert.rejects(Promise.resolve(connection.query('SELECT Id FROM User')), {
        message: 'Unable to refresh session due to: expired access/refresh token',
      })
    }),
    step('ends the session at logout', async (context) => {
      const { accessToken } = opened()
      await opened().logout()
      const after = connect(context.simulator, String(accessToken))
      await assert.rejects(Promise.resolve(after.query('SELECT Id FROM User')), {
        name: 'INVALID_SESSION_ID',
      })
    }),
  ]
}
