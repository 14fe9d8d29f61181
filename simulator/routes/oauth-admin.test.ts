import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createOauthClient, type OauthClient } from '../testing/oauth-client.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

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
})

afterEach(() => vi.useRealTimers())

async function status(token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await admin.call('GET', '/limits', undefined, headers)).status
}

async function login(clientId: string): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: 's' }
  return (await oauth.token(form)).body['access_token'] ?? ''
}

describe('apps', () => {
  test('are made with what is left out, changed and removed', async () => {
    const made = await admin.admin('POST', '/apps', { name: 'One' })
    expect(made).toMatchObject({
      clientId: expect.stringMatching(/^3MVG9/),
      clientSecret: expect.stringMatching(/.{40}/),
      isPublic: false,
    })
    const { clientId } = Object(made)
    const path = `/apps/${clientId}`
    await admin.admin('PATCH', path, { redirectUris: ['https://a.example/'] })
    expect(await admin.admin('GET', path)).toMatchObject({
      name: 'One',
      redirectUris: ['https://a.example/'],
    })
    const { apps } = Object(await admin.admin('GET', '/apps'))
    const names = apps.map((app: { name: string }) => app.name)
    expect(names).toEqual(['Simulator client', 'Salesforce CLI', 'One'])
    await expect(admin.admin('PATCH', path, { clientId: 'other' })).rejects.toThrow('cannot change')
    await admin.admin('DELETE', path)
    await expect(admin.admin('GET', path)).rejects.toThrow('404')
    await expect(admin.admin('DELETE', path)).rejects.toThrow('404')
  })

  test('take their sessions along when they go', async () => {
    const runAs = 'admin@simulator.example'
    const app = { clientId: 'one', clientSecret: 's', clientCredentialsUser: runAs }
    await admin.admin('POST', '/apps', app)
    const token = await login('one')
    expect(await status(token)).toBe(200)
    await admin.admin('DELETE', '/apps/one')
    expect([await status(token), await login('one')]).toEqual([401, ''])
  })

  test.each([
    [{ clientId: 'simulator-client' }, 'DUPLICATE_VALUE'],
    [{ scopes: ['everything'] }, 'INVALID_PARAMETER'],
    [{ redirectUris: ['/relative'] }, 'INVALID_PARAMETER'],
    [{ redirectUris: ['javascript:alert(1)'] }, 'INVALID_PARAMETER'],
    [{ certificate: 'no key' }, 'INVALID_PARAMETER'],
    [{ unknown: 1 }, 'INVALID_PARAMETER'],
  ])('%o is refused', async (app, code) => {
    await expect(admin.admin('POST', '/apps', app)).rejects.toThrow(code)
  })
})

describe('sessions', () => {
  test('end by user, by app, or all', async () => {
    const user = { Username: 'ann@example.com', LastName: 'Ann', Email: 'ann@example.com' }
    await admin.json('POST', '/sobjects/User', user)
    const app = { clientSecret: 's', clientCredentialsUser: user.Username }
    await admin.admin('POST', '/apps', { ...app, clientId: 'one' })
    await admin.admin('POST', '/apps', { ...app, clientId: 'two' })
    const hers = [await login('one'), await login('two')]
    const states = async () => Promise.all([...hers, admin.token].map(status))
    expect(await states()).toEqual([200, 200, 200])
    await admin.admin('POST', '/sessions/expire', { clientId: 'one' })
    expect(await states()).toEqual([401, 200, 200])
    await admin.admin('POST', '/sessions/expire', { user: 'Ann@example.com' })
    expect(await states()).toEqual([401, 401, 200])
    await admin.admin('POST', '/sessions/expire')
    expect(await states()).toEqual([401, 401, 401])
    await expect(admin.admin('POST', '/sessions/expire', { user: 'x' })).rejects.toThrow('404')
  })

  test('end with the activity of their user', async () => {
    const user = { Username: 'ann@example.com', LastName: 'Ann', Email: 'ann@example.com' }
    const { id } = Object(await admin.json('POST', '/sobjects/User', user))
    const app = { clientId: 'one', clientSecret: 's', clientCredentialsUser: user.Username }
    await admin.admin('POST', '/apps', app)
    const token = await login('one')
    await admin.json('PATCH', `/sobjects/User/${id}`, { IsActive: false })
    expect(await status(token)).toBe(401)
  })

  test('end after their time, which calls in its second half prolong', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await admin.admin('PATCH', '/settings', { sessionSeconds: 7_200 })
    const at = async (minutes: number) => {
      vi.setSystemTime(start + minutes * 60_000)
      return status(admin.token)
    }
    const start = Date.now()
    // The call in the first half changes nothing, the one in the second half does.
    expect([await at(50), await at(110), await at(220), await at(345)]).toEqual([
      200, 200, 200, 401,
    ])
  })

  test('end after their time however they are used, where a setting says so', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const settings = { sessionSeconds: 7_200, prolongSessions: false }
    await admin.admin('PATCH', '/settings', settings)
    const start = Date.now()
    vi.setSystemTime(start + 110 * 60_000)
    expect(await status(admin.token)).toBe(200)
    vi.setSystemTime(start + 121 * 60_000)
    expect(await status(admin.token)).toBe(401)
  })
})

describe('approvals', () => {
  test('are listed, and can be ended one by one', async () => {
    const { approvals } = Object(await admin.admin('GET', '/approvals'))
    expect(approvals).toMatchObject([
      {
        clientId: 'simulator-client',
        user: 'admin@simulator.example',
        scopes: ['refresh_token', 'api'],
      },
    ])
    await admin.admin('DELETE', `/approvals/${approvals[0].id}`)
    const form = { grant_type: 'refresh_token', refresh_token: 'simulator-refresh-token' }
    const answer = await oauth.token({ ...form, client_id: 'simulator-client' })
    expect(answer.body).toMatchObject({ error: 'invalid_grant' })
    await expect(admin.admin('DELETE', '/approvals/99')).rejects.toThrow('404')
  })
})

test('apps, sessions, approvals and the signing key outlive a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-oauth-'))
  const options = { database: join(folder, 'org.sqlite'), refreshToken: 'first' }
  const keyOf = async (url: string) => (await fetch(`${url}/id/keys`)).json()
  try {
    const before = await startSimulator(options)
    const client = await createTestClient(before.url)
    await client.admin('POST', '/apps', { clientId: 'kept', isPublic: true })
    await client.admin('PATCH', '/apps/simulator-client', { rotateRefreshTokens: true })
    const refresh = { grant_type: 'refresh_token', client_id: 'simulator-client' }
    const first = { ...refresh, refresh_token: 'first' }
    const { body } = await createOauthClient(before.url).token(first)
    const key = await keyOf(before.url)
    await before.close()

    const after = await startSimulator(options)
    const headers = { authorization: `Bearer ${body['access_token']}` }
    const limits = await fetch(`${after.url}/services/data/v64.0/limits`, { headers })
    expect(limits.status).toBe(200)
    expect((await fetch(`${after.url}/__simulator/apps/kept`)).status).toBe(200)
    expect(await keyOf(after.url)).toEqual(key)
    const again = createOauthClient(after.url)
    const next = { ...refresh, refresh_token: body['refresh_token'] ?? '' }
    expect((await again.token(next)).status).toBe(200)
    // The token of the start options was rotated out: the restart has not brought it back.
    expect((await again.token(first)).status).toBe(400)
    await after.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
