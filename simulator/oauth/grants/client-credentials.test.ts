import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../start-simulator.ts'
import { createOauthClient, type OauthClient } from '../../testing/oauth-client.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'

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

const form = {
  grant_type: 'client_credentials',
  client_id: 'robot',
  client_secret: 'robot-secret',
}

async function addApp(app: object): Promise<void> {
  const secret = { clientId: form.client_id, clientSecret: form.client_secret }
  await admin.admin('POST', '/apps', { ...secret, ...app })
}

describe('the client-credentials flow', () => {
  test('runs as the user of the app, without the scopes that need a person', async () => {
    const user = { Username: 'robot@example.com', LastName: 'R', Email: 'r@example.com' }
    const { id } = Object(await admin.json('POST', '/sobjects/User', user))
    await addApp({
      clientCredentialsUser: 'Robot@Example.com',
      scopes: ['api', 'full', 'web', 'refresh_token', 'id'],
    })
    const { status, body } = await oauth.token(form)
    expect(status).toBe(200)
    expect(body).toMatchObject({ scope: 'api id' })
    expect(body['id']).toMatch(new RegExp(`/${id}$`))
    expect(body).not.toHaveProperty('refresh_token')
    expect(body).not.toHaveProperty('expires_in')
  })

  test('takes the secret as Basic, with the signs that need encoding', async () => {
    await addApp({ clientSecret: 'a:b%+c', clientCredentialsUser: 'admin@simulator.example' })
    // RFC 6749 wants the first form; many clients send the second.
    for (const pair of [`robot:${encodeURIComponent('a:b%+c')}`, 'robot:a:b%+c']) {
      const headers = { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
      const answer = await oauth.token({ grant_type: 'client_credentials' }, headers)
      expect([pair, answer.status]).toEqual([pair, 200])
    }
  })

  test.each([
    [{}, { clientCredentialsUser: null }, 'invalid_grant', 'no client credentials user enabled'],
    [{ client_secret: '' }, {}, 'invalid_client', 'invalid client credentials'],
    [{}, { isPublic: true }, null, null],
    [{ scope: 'api' }, {}, 'invalid_request', 'scope parameter not supported'],
    [{}, { scopes: ['full'] }, 'invalid_grant', 'no valid scopes defined'],
    [
      {},
      { approvedUsers: ['somebody@example.com'] },
      'invalid_app_access',
      'user is not admin approved to access this app',
    ],
  ])('answers %o of an app with %o', async (extra, app, error, description) => {
    await addApp({ clientCredentialsUser: 'admin@simulator.example', ...app })
    const answer = await oauth.token({ ...form, ...extra })
    if (error === null) expect(answer.status).toBe(200)
    else {
      expect(answer).toMatchObject({ status: 400, body: { error, error_description: description } })
    }
  })

  test('is refused on a host that all orgs share', async () => {
    await addApp({ clientCredentialsUser: 'admin@simulator.example' })
    await admin.admin('PATCH', '/settings', { loginHosts: ['127.0.0.1'] })
    expect(await oauth.token(form)).toMatchObject({
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description: 'request not supported on this domain',
      },
    })
    // Other flows work there.
    const refresh = { grant_type: 'refresh_token', refresh_token: 'simulator-refresh-token' }
    expect((await oauth.token({ ...refresh, client_id: 'simulator-client' })).status).toBe(200)
  })
})

describe('the username-password flow', () => {
  const credentials = { grant_type: 'password', username: 'admin@simulator.example' }

  test('is blocked, as in every org of the last years', async () => {
    await addApp({})
    expect(await oauth.token({ ...form, ...credentials, password: 'x' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'authentication failure' },
    })
  })

  test('can be allowed by a setting', async () => {
    await addApp({})
    await admin.admin('PATCH', '/settings', { userPassword: 'correct horse' })
    const wrong = await oauth.token({ ...form, ...credentials, password: 'x' })
    expect(wrong.body['error_description']).toBe('authentication failure')
    const unknown = { username: 'nobody@example.com', password: 'correct horse' }
    const stranger = await oauth.token({ ...form, ...credentials, ...unknown })
    expect(stranger.body['error_description']).toBe('authentication failure')
    const right = await oauth.token({ ...form, ...credentials, password: 'correct horse' })
    expect(right).toMatchObject({ status: 200, body: { token_type: 'Bearer' } })
    expect(right.body).not.toHaveProperty('refresh_token')
  })
})
