import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Simulator, startSimulator } from '../../start-simulator.ts'
import { createOauthClient, createPkce, type OauthClient } from '../../testing/oauth-client.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'

const CALLBACK = 'https://app.example/callback?tenant=7'
const APP = { client_id: 'web-app', client_secret: 'web-secret' }

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
    clientId: APP.client_id,
    clientSecret: APP.client_secret,
    redirectUris: [CALLBACK, 'https://app.example/other'],
  })
})

afterEach(() => vi.useRealTimers())

const request = { response_type: 'code', client_id: 'web-app', redirect_uri: CALLBACK }

async function getCode(extra: Record<string, string> = {}): Promise<string> {
  const back = await oauth.decide({ ...request, ...extra }, 'allow')
  return back.searchParams.get('code') ?? ''
}

function redeem(code: string, extra: Record<string, string> = {}) {
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...APP, ...extra }
  return oauth.token(form)
}

describe('the web server flow', () => {
  test('changes a code into tokens of the scopes that were asked for', async () => {
    const code = await getCode({ scope: 'api refresh_token lightning' })
    const { status, body, headers } = await redeem(code)
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(Object.keys(body)).toEqual([
      'access_token',
      'refresh_token',
      'signature',
      'scope',
      'instance_url',
      'id',
      'token_type',
      'issued_at',
    ])
    expect(body).toMatchObject({ scope: 'api refresh_token', instance_url: simulator.url })
    expect(body['access_token']).toMatch(/^00D\w{12}![.\w]+$/)
    const headersOfCall = { authorization: `Bearer ${body['access_token']}` }
    expect((await admin.call('GET', '/limits', undefined, headersOfCall)).status).toBe(200)
    const form = { grant_type: 'refresh_token', refresh_token: body['refresh_token'] ?? '', ...APP }
    expect(await oauth.token(form)).toMatchObject({
      status: 200,
      body: { scope: 'api refresh_token' },
    })
  })

  test('gives no refresh token where nobody asked for one', async () => {
    const { body } = await redeem(await getCode({ scope: 'api id' }))
    expect(body).not.toHaveProperty('refresh_token')
    expect(body['scope']).toBe('api id')
  })

  test('acts for the user who was chosen on the page', async () => {
    const user = { Username: 'ann@example.com', LastName: 'Ann', Email: 'ann@example.com' }
    const made = await admin.json('POST', '/sobjects/User', user)
    const back = await oauth.decide(request, 'allow', 'ann@example.com')
    const { body } = await redeem(back.searchParams.get('code') ?? '')
    expect(body['id']).toMatch(new RegExp(`/${String(Object(made).id)}$`))
    const created = await admin.call(
      'POST',
      '/sobjects/Account',
      { Name: 'Hers' },
      {
        authorization: `Bearer ${body['access_token']}`,
      },
    )
    const { id } = Object(await created.json())
    expect(await admin.json('GET', `/sobjects/Account/${id}`)).toMatchObject({
      CreatedById: Object(made).id,
    })
  })

  test('takes a code once, and only from the app that it was made for', async () => {
    const code = await getCode()
    const stranger = { client_id: 'simulator-client', client_secret: 'simulator-secret' }
    expect(await redeem(code, stranger)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'invalid authorization code' },
    })
    expect((await redeem(code)).status).toBe(200)
    expect(await redeem(code)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'expired authorization code' },
    })
  })

  test('takes a code for fifteen minutes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const [young, old] = [await getCode(), await getCode()]
    const made = Date.now()
    vi.setSystemTime(made + 14 * 60_000)
    expect((await redeem(young)).status).toBe(200)
    vi.setSystemTime(made + 15 * 60_000)
    expect(await redeem(old)).toMatchObject({
      body: { error: 'invalid_grant', error_description: 'expired authorization code' },
    })
  })

  test.each([
    [{ client_secret: '' }, 'invalid_client', 'invalid client credentials'],
    [{ client_secret: 'wrong' }, 'invalid_client', 'invalid client credentials'],
    [{ client_id: 'nobody' }, 'invalid_client_id', 'client identifier invalid'],
    [{ code: 'aPrxMadeUp==' }, 'invalid_grant', 'invalid authorization code'],
    [
      { redirect_uri: 'https://app.example/other' },
      'redirect_uri_mismatch',
      'redirect_uri must match configuration',
    ],
    [{ code_verifier: 'x'.repeat(43) }, 'invalid_grant', 'invalid code verifier'],
  ])('refuses %o', async (extra, error, description) => {
    const answer = await redeem(await getCode(), extra)
    expect(answer).toMatchObject({
      status: 400,
      body: { error, error_description: description },
    })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('refuses a user who was deactivated after the consent', async () => {
    const user = { Username: 'bob@example.com', LastName: 'Bob', Email: 'bob@example.com' }
    const { id } = Object(await admin.json('POST', '/sobjects/User', user))
    const back = await oauth.decide(request, 'allow', 'bob@example.com')
    await admin.json('PATCH', `/sobjects/User/${id}`, { IsActive: false })
    expect(await redeem(back.searchParams.get('code') ?? '')).toMatchObject({
      status: 400,
      body: { error: 'inactive_user' },
    })
  })
})

describe('PKCE', () => {
  const { verifier, challenge } = createPkce()

  test('a public client proves itself by the verifier', async () => {
    await admin.admin('PATCH', '/apps/web-app', { isPublic: true, requirePkce: true })
    const code = await getCode({ code_challenge: challenge, code_challenge_method: 'S256' })
    expect(await redeem(code, { client_secret: '', code_verifier: verifier })).toMatchObject({
      status: 200,
    })
  })

  test.each([
    [{}, 'invalid_grant', 'missing code verifier'],
    [{ code_verifier: createPkce().verifier }, 'invalid_request', 'invalid code verifier'],
  ])('refuses %o, and the code is gone', async (extra, error, description) => {
    const code = await getCode({ code_challenge: challenge })
    expect(await redeem(code, extra)).toMatchObject({
      status: 400,
      body: { error, error_description: description },
    })
    expect((await redeem(code, { code_verifier: verifier })).status).toBe(400)
  })
})

describe('approvals', () => {
  test('the sixth of a user drops the oldest with its tokens, and says nothing', async () => {
    const grants: Record<string, string>[] = []
    for (let n = 0; n < 6; n += 1) grants.push((await redeem(await getCode())).body)
    const states = await Promise.all(
      grants.map(async (grant) => {
        const form = { grant_type: 'refresh_token', refresh_token: grant['refresh_token'] ?? '' }
        const call = { authorization: `Bearer ${grant['access_token']}` }
        const refreshed = await oauth.token({ ...form, ...APP })
        return [refreshed.status, (await admin.call('GET', '/limits', undefined, call)).status]
      }),
    )
    expect(states).toEqual([[400, 401], ...Array.from({ length: 5 }, () => [200, 200])])
  })

  test('of other users and other apps do not count', async () => {
    const user = { Username: 'cy@example.com', LastName: 'Cy', Email: 'cy@example.com' }
    await admin.json('POST', '/sobjects/User', user)
    const first = (await redeem(await getCode())).body
    for (let n = 0; n < 5; n += 1) {
      const back = await oauth.decide(request, 'allow', 'cy@example.com')
      await redeem(back.searchParams.get('code') ?? '')
    }
    const form = { grant_type: 'refresh_token', refresh_token: first['refresh_token'] ?? '' }
    expect((await oauth.token({ ...form, ...APP })).status).toBe(200)
  })
})
