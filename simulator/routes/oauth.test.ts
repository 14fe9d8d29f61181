import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createOauthClient, type OauthClient } from '../testing/oauth-client.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ refreshToken: 'first' })
})
afterAll(() => simulator.close())

async function token(form: Record<string, string>) {
  const response = await fetch(`${simulator.url}/services/oauth2/token/`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'simulator-client', ...form }),
  })
  // The shape is asserted by each test.
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

describe('the token endpoint', () => {
  test('answers client credentials with a session and no end of it', async () => {
    const { status, body } = await token({
      grant_type: 'client_credentials',
      client_secret: 'simulator-secret',
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      access_token: expect.stringMatching(/^00D\w{12}!/),
      instance_url: simulator.url,
      token_type: 'Bearer',
      issued_at: expect.stringMatching(/^\d{13}$/),
    })
    expect(body).not.toHaveProperty('expires_in')
  })

  test.each([
    [{ grant_type: 'client_credentials', client_secret: 'x' }, 'invalid_client'],
    [{ grant_type: 'client_credentials', client_id: 'x' }, 'invalid_client_id'],
    [{ grant_type: 'magic' }, 'unsupported_grant_type'],
    [{ grant_type: 'refresh_token', refresh_token: 'x' }, 'invalid_grant'],
  ])('refuses %o with %s', async (form, error) => {
    expect(await token(form)).toMatchObject({ status: 400, body: { error } })
  })

  test.each([
    [400, 'invalid_grant', 'authentication failure'],
    [503, 'temporarily_unavailable', 'try later'],
  ])('answers a fault of status %i in its own form', async (status, errorCode, message) => {
    const client = await createTestClient(simulator.url)
    await client.admin('POST', '/faults', {
      match: { call: 'token' },
      action: { type: 'status', status, errorCode, message },
    })
    const form = { grant_type: 'client_credentials', client_secret: 'simulator-secret' }
    expect(await token(form)).toEqual({
      status,
      body: { error: errorCode, error_description: message },
    })
    expect((await token(form)).status).toBe(200)
  })
})

describe('forms of the answer', () => {
  const form = {
    grant_type: 'client_credentials',
    client_id: 'simulator-client',
    client_secret: 'simulator-secret',
  }
  const raw = async (extra: Record<string, string>, accept?: string) => {
    const response = await fetch(`${simulator.url}/services/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({ ...form, ...extra }),
      ...(accept === undefined ? {} : { headers: { accept } }),
    })
    const type = response.headers.get('content-type') ?? ''
    return { status: response.status, type, text: await response.text() }
  }

  test('the parameter and the header choose between JSON, XML and a form', async () => {
    for (const answer of [
      await raw({ format: 'urlencoded' }),
      await raw({}, 'application/x-www-form-urlencoded'),
    ]) {
      expect(answer.type).toContain('application/x-www-form-urlencoded')
      expect(new URLSearchParams(answer.text).get('token_type')).toBe('Bearer')
    }
    for (const answer of [await raw({ format: 'xml' }), await raw({}, 'application/xml')]) {
      expect(answer.type).toContain('application/xml')
      expect(answer.text).toMatch(/^<\?xml[^>]*\?><OAuth [^>]*><access_token>00D\w{12}![^<]+<\//)
    }
    const both = await raw({ format: 'json' }, 'application/xml')
    expect(both.type).toContain('application/json')
  })

  test('refusals have the same form', async () => {
    const answer = await raw({ format: 'xml', client_secret: 'x' })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(
      '<error>invalid_client</error><error_description>invalid client credentials</error_description>',
    )
  })

  test('the signature is made with the secret, over the identity and the time', async () => {
    const body = JSON.parse((await raw({})).text)
    const signature = createHmac('sha256', 'simulator-secret')
      .update(body.id + body.issued_at)
      .digest('base64')
    expect(body.signature).toBe(signature)
  })

  test('a GET is told to be a POST', async () => {
    const response = await fetch(`${simulator.url}/services/oauth2/token?grant_type=password`)
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'invalid_request', error_description: 'must use HTTP POST' },
    ])
  })
})

describe('revoke and introspect', () => {
  const credentials = { client_id: 'simulator-client', client_secret: 'simulator-secret' }
  let oauth: OauthClient
  let admin: TestClient
  beforeEach(async () => {
    await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
    oauth = createOauthClient(simulator.url)
    admin = await createTestClient(simulator.url)
  })
  const revoke = (token: string) => oauth.post('/services/oauth2/revoke', { token })
  const introspect = async (token: string, extra: Record<string, string> = {}) =>
    (await oauth.post('/services/oauth2/introspect', { token, ...credentials, ...extra })).body
  const refreshed = async () =>
    (
      await oauth.token({
        grant_type: 'refresh_token',
        refresh_token: 'first',
        client_id: 'simulator-client',
      })
    ).body['access_token'] ?? ''

  test('an access token ends alone', async () => {
    const [one, other] = [await refreshed(), await refreshed()]
    expect(await revoke(one)).toMatchObject({ status: 200, body: { text: '' } })
    expect(await introspect(one)).toEqual({ active: false })
    expect(await introspect(other)).toMatchObject({ active: true })
    expect(await refreshed()).not.toBe('')
    const headers = { authorization: `Bearer ${one}` }
    expect((await admin.call('GET', '/limits', undefined, headers)).status).toBe(401)
  })

  test('a refresh token takes all its access tokens along, and a GET does it too', async () => {
    const one = await refreshed()
    const response = await fetch(`${simulator.url}/services/oauth2/revoke?token=first`)
    expect(response.status).toBe(200)
    expect(await introspect(one)).toEqual({ active: false })
    expect(await introspect('first')).toEqual({ active: false })
    expect(await refreshed()).toBe('')
    expect(await introspect(admin.token)).toMatchObject({ active: true })
  })

  test.each([
    ['', 'unsupported_token_type'],
    ['00Dnothing!x', 'invalid_token'],
  ])('"%s" is no token to revoke', async (token, error) => {
    expect(await revoke(token)).toMatchObject({ status: 400, body: { error } })
  })

  test('a token tells its app all that RFC 7662 has, the end only where there is one', async () => {
    const token = await refreshed()
    const now = Date.now() / 1_000
    const body = await introspect(token, { token_type_hint: 'access_token' })
    expect(body).toEqual({
      active: true,
      scope: 'refresh_token api',
      client_id: 'simulator-client',
      username: 'admin@simulator.example',
      sub: expect.stringMatching(/\/id\/00D\w{15}\/005\w{15}$/),
      token_type: 'access_token',
      iat: expect.closeTo(now, -2),
      nbf: expect.closeTo(now, -2),
    })
    await admin.admin('PATCH', '/settings', { sessionSeconds: 7_200 })
    const { exp, iat } = Object(await introspect(token))
    expect(exp - iat).toBe(7_200)
    expect(await introspect('first')).toMatchObject({ active: true, token_type: 'refresh_token' })
  })

  test('other apps learn nothing, and apps without their secret are refused', async () => {
    await admin.admin('POST', '/apps', { clientId: 'other', clientSecret: 's' })
    const other = { client_id: 'other', client_secret: 's' }
    expect(await introspect(admin.token, other)).toEqual({ active: false })
    expect(await introspect('first', other)).toEqual({ active: false })
    const answer = await oauth.post('/services/oauth2/introspect', {
      token: admin.token,
      client_id: 'other',
    })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_client' } })
  })
})

describe('what needs no session and how describe is cached', () => {
  test('the list of versions', async () => {
    const response = await fetch(`${simulator.url}/SERVICES/data/`)
    expect(await response.json()).toContainEqual({
      label: "Summer '26",
      url: '/services/data/v67.0',
      version: '67.0',
    })
  })

  test('describe answers 304 to a caller who knows it', async () => {
    const client = await createTestClient(simulator.url)
    const first = await client.call('GET', '/sobjects/account/Describe/')
    const modified = first.headers.get('last-modified') ?? ''
    const again = await client.call('GET', '/sobjects/Account/describe', undefined, {
      'if-modified-since': modified,
    })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    const older = await client.call('GET', '/sobjects/Account/describe', undefined, {
      'if-modified-since': 'Sat, 01 Jan 2000 00:00:00 GMT',
    })
    expect(older.status).toBe(200)
  })

  test('a version that is not served', async () => {
    const client = await createTestClient(simulator.url)
    expect((await client.call('GET', '/services/data/v20.0/sobjects')).status).toBe(404)
  })
})
