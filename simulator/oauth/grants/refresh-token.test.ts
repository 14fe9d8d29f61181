import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Simulator, startSimulator } from '../../start-simulator.ts'
import { createOauthClient, type OauthClient } from '../../testing/oauth-client.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'

let simulator: Simulator
let admin: TestClient
let oauth: OauthClient
beforeAll(async () => {
  simulator = await startSimulator({ refreshToken: 'first' })
  oauth = createOauthClient(simulator.url)
})
afterAll(() => simulator.close())
beforeEach(async () => {
  await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
  admin = await createTestClient(simulator.url)
})

afterEach(() => vi.useRealTimers())

function refresh(token: string, extra: Record<string, string> = {}) {
  const form = { grant_type: 'refresh_token', refresh_token: token, client_id: 'simulator-client' }
  return oauth.token({ ...form, ...extra })
}

async function works(accessToken: string | undefined): Promise<boolean> {
  const headers = { authorization: `Bearer ${accessToken}` }
  return (await admin.call('GET', '/limits', undefined, headers)).ok
}

const EXPIRED = { error: 'invalid_grant', error_description: 'expired access/refresh token' }

describe('a refresh', () => {
  test('keeps its token where the org does not rotate', async () => {
    const one = await refresh('first')
    expect(one.body).not.toHaveProperty('refresh_token')
    expect((await refresh('first')).status).toBe(200)
    // Earlier sessions live on.
    expect(await works(one.body['access_token'])).toBe(true)
  })

  test('that reuses a rotated-out token ends its own approval, and no other', async () => {
    const redirect = 'http://localhost:1717/OauthRedirect'
    const asked = { response_type: 'code', client_id: 'simulator-client', redirect_uri: redirect }
    const back = await oauth.decide(asked, 'allow')
    const other = await oauth.token({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: redirect,
      client_id: 'simulator-client',
      client_secret: 'simulator-secret',
    })
    await admin.admin('PATCH', '/settings', { rotateRefreshTokens: true })
    const rotated = await refresh('first')
    const second = rotated.body['refresh_token'] ?? ''
    expect(await works(rotated.body['access_token'])).toBe(true)
    expect(await refresh('first')).toMatchObject({ status: 400, body: EXPIRED })
    expect(await refresh(second)).toMatchObject({ status: 400, body: EXPIRED })
    expect(await works(rotated.body['access_token'])).toBe(false)
    expect(await works(admin.token)).toBe(true)
    expect(await works(other.body['access_token'])).toBe(true)
    expect((await refresh(other.body['refresh_token'] ?? '')).status).toBe(200)
  })

  test('rotates where the app says so, whatever the org does', async () => {
    await admin.admin('PATCH', '/apps/simulator-client', { rotateRefreshTokens: true })
    const { body } = await refresh('first')
    const next = await refresh(body['refresh_token'] ?? '')
    expect(next.status).toBe(200)
    expect(next.body['refresh_token']).not.toBe(body['refresh_token'])
  })

  test('of a token that another refresh is working on is refused', async () => {
    await admin.admin('PATCH', '/settings', { refreshMs: 600, rotateRefreshTokens: true })
    const answers = await Promise.all([refresh('first'), refresh('first'), refresh('first')])
    const [won, ...lost] = answers.sort((a, b) => a.status - b.status)
    expect(won?.status).toBe(200)
    for (const answer of lost) {
      expect(answer).toMatchObject({
        status: 400,
        body: {
          error: 'invalid_grant',
          error_description: 'token request is already being processed',
        },
      })
    }
    // The losers revoked nothing.
    expect((await refresh(won?.body['refresh_token'] ?? '')).status).toBe(200)
  })

  test('needs no secret of the default app, but not a wrong one', async () => {
    expect((await refresh('first', { client_secret: 'simulator-secret' })).status).toBe(200)
    expect(await refresh('first', { client_secret: 'x' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_client', error_description: 'invalid client credentials' },
    })
    await admin.admin('PATCH', '/apps/simulator-client', { requireSecretForRefresh: true })
    expect((await refresh('first')).body).toMatchObject({ error: 'invalid_client' })
  })

  test('by another app than the one that was approved is refused', async () => {
    await admin.admin('POST', '/apps', { clientId: 'other', isPublic: true })
    expect(await refresh('first', { client_id: 'other' })).toMatchObject({ body: EXPIRED })
    expect(await refresh('unheard of')).toMatchObject({ status: 400, body: EXPIRED })
  })

  test('counts as a login of the user, of whom there are only so many in an hour', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await admin.admin('PATCH', '/settings', { loginsPerHour: 3 })
    // The first was the test's own client.
    expect((await refresh('first')).status).toBe(200)
    expect((await refresh('first')).status).toBe(200)
    expect(await refresh('first')).toMatchObject({
      status: 400,
      body: { error: 'rate_limit_exceeded', error_description: 'login rate exceeded' },
    })
    vi.setSystemTime(Date.now() + 3_600_000)
    expect((await refresh('first')).status).toBe(200)
  })
})
