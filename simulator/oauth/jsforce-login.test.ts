import jsforce from 'jsforce'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createOauthClient } from '../testing/oauth-client.ts'
import { createTestClient } from '../testing/test-client.ts'

const redirectUri = 'http://localhost:8080/callback'

/** A client that was written against the real service. */
let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ redirectUris: [redirectUri] })
})
afterAll(() => simulator.close())

/** Presses a button on the page that an address of jsforce's making leads to. */
function decide(address: string, decision: 'allow' | 'deny'): Promise<URL> {
  const query = Object.fromEntries(new URL(address).searchParams)
  return createOauthClient(simulator.url).decide(query, decision)
}

function createOauth2(useVerifier: boolean) {
  return new jsforce.OAuth2({
    loginUrl: simulator.url,
    clientId: 'simulator-client',
    clientSecret: 'simulator-secret',
    redirectUri,
    useVerifier,
  })
}

describe('jsforce', () => {
  test.each([true, false])('logs in by the web server flow, with PKCE: %s', async (useVerifier) => {
    const oauth2 = createOauth2(useVerifier)
    const address = oauth2.getAuthorizationUrl({ state: 'hello', scope: 'api id refresh_token' })
    const back = await decide(address, 'allow')
    expect(back.href).toMatch(/^http:\/\/localhost:8080\/callback\?/)
    expect(back.searchParams.get('state')).toBe('hello')

    const connection = new jsforce.Connection({ oauth2, version: '64.0' })
    const user = await connection.authorize(back.searchParams.get('code') ?? '')
    expect(user.organizationId).toMatch(/^00D\w{15}$/)
    expect(connection.instanceUrl).toBe(simulator.url)
    const identity = await connection.identity()
    expect(identity).toMatchObject({
      user_id: user.id,
      organization_id: user.organizationId,
      email: 'admin@simulator.example',
      photos: expect.any(Object),
      urls: expect.any(Object),
    })

    // An expired session is renewed by the refresh token, without the caller's doing.
    const { admin } = await createTestClient(simulator.url)
    await admin('POST', '/sessions/expire')
    const renewed: string[] = []
    connection.on('refresh', (token) => renewed.push(String(token)))
    expect((await connection.query('SELECT Id FROM User')).totalSize).toBe(1)
    expect(renewed).toHaveLength(1)

    const { refreshToken } = connection
    await connection.oauth2.revokeToken(String(refreshToken))
    await expect(oauth2.refreshToken(String(refreshToken))).rejects.toThrow(
      'expired access/refresh token',
    )
  })

  test('hears of a denial, and of a code that is none', async () => {
    const oauth2 = createOauth2(true)
    const back = await decide(oauth2.getAuthorizationUrl({}), 'deny')
    expect(back.searchParams.get('error')).toBe('access_denied')
    await expect(oauth2.requestToken('aPrxWrong==')).rejects.toThrow('invalid authorization code')
  })

  test('logs in by username and password where the org allows it', async () => {
    const { admin } = await createTestClient(simulator.url)
    const oauth2 = createOauth2(false)
    const login = () => oauth2.authenticate('admin@simulator.example', 'secret')
    await expect(login()).rejects.toThrow('authentication failure')
    await admin('PATCH', '/settings', { userPassword: 'secret' })
    expect((await login()).access_token).toMatch(/^00D/)
  })
})
