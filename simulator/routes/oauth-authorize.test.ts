import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createOauthClient, createPkce, type OauthClient } from '../testing/oauth-client.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

const CALLBACK = 'https://app.example/callback?tenant=7'

let simulator: Simulator
let admin: TestClient
let oauth: OauthClient
beforeAll(async () => {
  simulator = await startSimulator()
  oauth = createOauthClient(simulator.url)
})
afterAll(() => simulator.close())
beforeEach(async () => {
  await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
  admin = await createTestClient(simulator.url)
  await admin.admin('POST', '/apps', {
    clientId: 'web-app',
    name: 'Tom & "Jerry" <b>',
    redirectUris: [CALLBACK, 'myapp://done'],
  })
})

const request = { response_type: 'code', client_id: 'web-app', redirect_uri: CALLBACK }

async function pageText(extra: Record<string, string> = {}): Promise<string> {
  const query = new URLSearchParams({ ...request, ...extra })
  return (await fetch(`${simulator.url}/services/oauth2/authorize?${query}`)).text()
}

describe('the approval page', () => {
  test('names the app and the scopes, and lets choose among active users', async () => {
    const user = { LastName: 'Z', Email: 'z@example.com' }
    await admin.json('POST', '/sobjects/User', { ...user, Username: 'on@example.com' })
    const gone = { ...user, Username: 'off@example.com', IsActive: false }
    await admin.json('POST', '/sobjects/User', gone)
    const text = await pageText({ scope: 'api refresh_token' })
    expect(text).toContain('Tom &amp; &quot;Jerry&quot; &lt;b&gt;')
    expect(text).toContain('Manage user data via APIs <code>api</code>')
    expect(text).toContain('<code>refresh_token</code>')
    expect(text).not.toContain('<code>web</code>')
    expect(text).toContain('on@example.com')
    expect(text).not.toContain('off@example.com')
    expect(text).toMatch(/value="admin@simulator.example" selected/)
  })

  test('preselects the user of the hint, and takes whatever else clients send', async () => {
    const user = { Username: 'on@example.com', LastName: 'On', Email: 'on@example.com' }
    await admin.json('POST', '/sobjects/User', user)
    const others = { prompt: 'login consent', display: 'touch', immediate: 'false' }
    const text = await pageText({ ...others, login_hint: 'ON@example.com' })
    expect(text).toMatch(/value="on@example.com" selected/)
  })

  test('takes no decision that a page of another site sends', async () => {
    const query = new URLSearchParams(request)
    const url = `${simulator.url}/setup/secur/RemoteAccessAuthorizationPage.apexp?${query}`
    const decide = (headers: Record<string, string>) =>
      fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body: new URLSearchParams({ decision: 'allow', username: 'admin@simulator.example' }),
      })
    expect((await decide({ origin: 'https://evil.example' })).status).toBe(403)
    expect((await decide({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    const own = await decide({ origin: simulator.url, 'sec-fetch-site': 'same-origin' })
    expect(own.status).toBe(302)
  })

  test('sends the state back with the code, and keeps what the address had', async () => {
    const state = 'a b&c=d/é'
    const back = await oauth.decide({ ...request, state }, 'allow')
    expect(back.origin + back.pathname).toBe('https://app.example/callback')
    expect(Object.fromEntries(back.searchParams)).toEqual({
      tenant: '7',
      code: expect.stringMatching(/^aPrx.+==$/),
      state,
    })
  })

  test('knows addresses of apps on a phone', async () => {
    const back = await oauth.decide({ ...request, redirect_uri: 'myapp://done' }, 'allow')
    expect(back.href).toMatch(/^myapp:\/\/done\?code=aPrx/)
  })

  test('tells the app of a denial', async () => {
    const back = await oauth.decide({ ...request, state: 's' }, 'deny')
    expect(Object.fromEntries(back.searchParams)).toEqual({
      tenant: '7',
      error: 'access_denied',
      error_description: 'end-user denied authorization',
      state: 's',
    })
  })

  test('tells the app of a user who may not log in, or not use it', async () => {
    const user = { Username: 'off@example.com', LastName: 'Off', Email: 'z@example.com' }
    await admin.json('POST', '/sobjects/User', { ...user, IsActive: false })
    const inactive = await oauth.decide(request, 'allow', 'off@example.com')
    expect(inactive.searchParams.get('error')).toBe('inactive_user')
    await admin.admin('PATCH', '/apps/web-app', { approvedUsers: ['off@example.com'] })
    const left = await oauth.decide(request, 'allow', 'admin@simulator.example')
    expect(left.searchParams.get('error')).toBe('OAUTH_APP_ACCESS_DENIED')
    await expect(oauth.decide(request, 'allow', 'nobody')).rejects.toThrow('error=invalid_grant')
  })
})

describe('errors that the app hears of', () => {
  test.each([
    [{ response_type: 'token' }, 'unsupported_response_type', 'response type not supported'],
    [{ scope: 'everything' }, 'invalid_scope', expect.stringContaining('scope is invalid')],
    [{ scope: 'chatter_api' }, 'invalid_scope', expect.stringContaining('scope is invalid')],
    [{ immediate: 'true' }, 'immediate_unsuccessful', 'immediate unsuccessful'],
    [{ prompt: 'none' }, 'immediate_unsuccessful', 'immediate unsuccessful'],
    [
      { code_challenge: createPkce().challenge, code_challenge_method: 'plain' },
      'invalid_request',
      'code challenge method not supported',
    ],
    [{ code_challenge: 'short' }, 'invalid_request', 'invalid code challenge'],
  ])('%o gives %s', async (extra, error, description) => {
    const { status, location } = await oauth.authorize({ ...request, ...extra, state: 's' })
    expect(status).toBe(302)
    expect(Object.fromEntries(location?.searchParams ?? [])).toEqual({
      tenant: '7',
      error,
      error_description: description,
      state: 's',
    })
  })
})

describe('errors that only the user sees', () => {
  test.each([
    [{ client_id: 'nobody' }, 'invalid_client_id', 'client identifier invalid'],
    [{ redirect_uri: '' }, 'redirect_uri_missing', 'redirect_uri not provided'],
    [
      { redirect_uri: 'https://app.example/callback' },
      'redirect_uri_mismatch',
      'redirect_uri must match configuration',
    ],
    [
      { redirect_uri: 'https://evil.example/' },
      'redirect_uri_mismatch',
      'redirect_uri must match configuration',
    ],
  ])('%o gives a page with %s', async (extra, error, description) => {
    const { status, location, text } = await oauth.authorize({ ...request, ...extra })
    expect([status, location]).toEqual([400, null])
    const shown = `error=${error}&amp;error_description=${encodeURIComponent(description)}`
    expect(text).toContain(shown)
  })

  test('a missing challenge, where the app requires one', async () => {
    await admin.admin('PATCH', '/apps/web-app', { requirePkce: true })
    const { status, text } = await oauth.authorize(request)
    expect(status).toBe(400)
    expect(text).toContain('missing%20required%20code%20challenge')
    const code_challenge = createPkce().challenge
    expect((await oauth.authorize({ ...request, code_challenge })).status).toBe(302)
  })

  test('a POST of the endpoint', async () => {
    const query = new URLSearchParams(request)
    const answer = await fetch(`${simulator.url}/services/oauth2/authorize?${query}`, {
      method: 'POST',
    })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('must%20use%20HTTP%20GET')
  })

  test('an address that was changed after the page was opened', async () => {
    const query = new URLSearchParams({ ...request, redirect_uri: 'https://evil.example/' })
    const answer = await fetch(
      `${simulator.url}/setup/secur/RemoteAccessAuthorizationPage.apexp?${query}`,
      { method: 'POST', redirect: 'manual', body: new URLSearchParams({ decision: 'allow' }) },
    )
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
  })
})

test('faults and the record of calls know the page by its names', async () => {
  await admin.admin('POST', '/faults', {
    match: { call: 'authorize' },
    action: { type: 'status', status: 503 },
  })
  expect((await oauth.authorize(request)).status).toBe(503)
  await oauth.decide(request, 'deny')
  expect(await admin.admin('GET', '/calls')).toMatchObject({
    counts: { authorize: 2, approve: 1 },
  })
})
