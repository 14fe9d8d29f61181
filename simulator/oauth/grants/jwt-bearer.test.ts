import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../start-simulator.ts'
import { createOauthClient, type OauthClient } from '../../testing/oauth-client.ts'
import { createTestClient, type TestClient } from '../../testing/test-client.ts'

const USERNAME = 'admin@simulator.example'
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 })
const certificate = createPublicKey(pair.privateKey).export({ type: 'spki', format: 'pem' })

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

async function addApp(app: object = {}): Promise<void> {
  await admin.admin('POST', '/apps', {
    clientId: 'jwt-app',
    clientSecret: 'jwt-secret',
    redirectUris: ['https://app.example/'],
    certificate,
    approvedUsers: [USERNAME],
    ...app,
  })
}

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds

function assertion(claims: object, header: object = {}, key: KeyObject = pair.privateKey): string {
  const all = {
    iss: 'jwt-app',
    aud: 'https://login.salesforce.com',
    sub: USERNAME,
    exp: inSeconds(180),
    ...claims,
  }
  const content = [{ alg: 'RS256', ...header }, all]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign('RSA-SHA256', Buffer.from(content), key).toString('base64url')
  return `${content}.${signature}`
}

function login(text: string) {
  const type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  return oauth.token({ grant_type: type, assertion: text })
}

describe('the JWT bearer flow', () => {
  test('gives a session, but no refresh token, signature or time', async () => {
    await addApp()
    const { status, body } = await login(assertion({}))
    expect(status).toBe(200)
    const keys = ['access_token', 'scope', 'instance_url', 'id', 'token_type']
    expect(Object.keys(body)).toEqual(keys)
    expect(body['scope']).toBe('id api web openid')
    const call = { authorization: `Bearer ${body['access_token']}` }
    expect((await admin.call('GET', '/limits', undefined, call)).status).toBe(200)
  })

  test.each([
    ['the org itself', () => ({ aud: simulator.url })],
    ['its token endpoint', () => ({ aud: `${simulator.url}/services/oauth2/token` })],
    ['a list', () => ({ aud: ['https://test.salesforce.com'] })],
    ['prn before sub', () => ({ prn: USERNAME, sub: 'nobody@example.com' })],
    ['a clock that is slow', () => ({ exp: inSeconds(-60) })],
    ['milliseconds, as the Salesforce CLI counts', () => ({ exp: Date.now() + 300 })],
    ['the longest time', () => ({ exp: inSeconds(300) })],
  ])('accepts %s', async (_, claims) => {
    await addApp()
    expect((await login(assertion(claims()))).status).toBe(200)
  })

  test.each([
    ['no assertion', () => '', 'invalid assertion'],
    ['no JWT', () => 'a.b.c', 'invalid assertion'],
    ['another key', () => assertion({}, {}, strangers.privateKey), 'invalid assertion'],
    ['another algorithm', () => assertion({}, { alg: 'none' }), 'invalid assertion'],
    ['changed claims', () => changed(assertion({})), 'invalid assertion'],
    ['the wrong audience', () => assertion({ aud: 'https://e.example' }), 'audience is invalid'],
    ['its end', () => assertion({ exp: inSeconds(-200) }), 'expired authorization code'],
    ['a far end', () => assertion({ exp: inSeconds(600) }), 'expired authorization code'],
    [
      'an unknown user',
      () => assertion({ sub: 'nobody@example.com' }),
      "user hasn't approved this consumer",
    ],
  ])('refuses %s', async (_, text, description) => {
    await addApp()
    expect(await login(text())).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_description: description },
    })
  })

  test('refuses an app that is unknown, or has no certificate', async () => {
    await addApp({ certificate: null })
    expect((await login(assertion({ iss: 'nobody' }))).body).toMatchObject({
      error: 'invalid_client_id',
    })
    expect((await login(assertion({}))).body['error_description']).toBe('invalid assertion')
  })

  test('wants an approval of the user, with a refresh token, where no administrator gave one', async () => {
    await addApp({ approvedUsers: null })
    const refused = { error_description: "user hasn't approved this consumer" }
    expect((await login(assertion({}))).body).toMatchObject(refused)
    await approve('api')
    expect((await login(assertion({}))).body).toMatchObject(refused)
    await approve('api refresh_token')
    expect(await login(assertion({}))).toMatchObject({ status: 200, body: { scope: 'api' } })
  })

  test('refuses users whom the administrator left out, and inactive ones', async () => {
    const user = { Username: 'ann@example.com', LastName: 'Ann', Email: 'ann@example.com' }
    const { id } = Object(await admin.json('POST', '/sobjects/User', user))
    await addApp()
    const hers = assertion({ sub: 'ann@example.com' })
    expect((await login(hers)).body).toMatchObject({ error: 'invalid_app_access' })
    await admin.admin('PATCH', '/apps/jwt-app', { approvedUsers: ['ann@example.com'] })
    expect((await login(hers)).status).toBe(200)
    await admin.json('PATCH', `/sobjects/User/${id}`, { IsActive: false })
    expect((await login(hers)).body).toMatchObject({ error: 'inactive_user' })
  })
})

function changed(text: string): string {
  const [header, claims = '', signature] = text.split('.')
  const content = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'))
  const forged = Buffer.from(JSON.stringify({ ...content, sub: 'x' })).toString('base64url')
  return [header, forged, signature].join('.')
}

async function approve(scope: string): Promise<void> {
  const redirect = 'https://app.example/'
  const back = await oauth.decide(
    { response_type: 'code', client_id: 'jwt-app', redirect_uri: redirect, scope },
    'allow',
  )
  const answer = await oauth.token({
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: redirect,
    client_id: 'jwt-app',
    client_secret: 'jwt-secret',
  })
  expect(answer.status).toBe(200)
}
