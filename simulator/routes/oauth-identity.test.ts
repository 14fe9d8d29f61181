import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createOauthClient } from '../testing/oauth-client.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let admin: TestClient
beforeAll(async () => {
  simulator = await startSimulator({ redirectUris: ['http://localhost/done'] })
})
afterAll(() => simulator.close())
beforeEach(async () => {
  await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
  admin = await createTestClient(simulator.url)
})

const API_URLS = [
  'enterprise',
  'metadata',
  'partner',
  'rest',
  'sobjects',
  'search',
  'query',
  'recent',
  'tooling_soap',
  'tooling_rest',
  'profile',
  'feeds',
  'groups',
  'users',
  'feed_items',
  'feed_elements',
  'custom_domain',
]

async function identityPath(): Promise<string> {
  const resources = Object(await admin.json('GET', '/services/data/v64.0'))
  return new URL(resources.identity).pathname
}

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const authorization = `Bearer ${admin.token}`
  return fetch(simulator.url + path, { headers: { authorization, ...headers } })
}

async function json(path: string) {
  return Object(await (await get(path)).json())
}

describe('userinfo', () => {
  test('says who the session is, with every key that a real org gives', async () => {
    const answer = await admin.call('GET', '/services/oauth2/userinfo/')
    const body = Object(await answer.json())
    expect(Object.keys(body)).toEqual([
      'sub',
      'user_id',
      'organization_id',
      'preferred_username',
      'nickname',
      'name',
      'email',
      'email_verified',
      'given_name',
      'family_name',
      'zoneinfo',
      'photos',
      'profile',
      'picture',
      'address',
      'is_salesforce_integration_user',
      'urls',
      'active',
      'user_type',
      'language',
      'locale',
      'utcOffset',
      'updated_at',
      'is_app_installed',
    ])
    expect(Object.keys(body.urls)).toEqual(API_URLS)
    expect(body).toMatchObject({
      user_id: expect.stringMatching(/^005\w{15}$/),
      organization_id: expect.stringMatching(/^00D\w{15}$/),
      preferred_username: 'admin@simulator.example',
      given_name: 'Simulator',
      family_name: 'Admin',
      zoneinfo: 'GMT',
      utcOffset: 0,
      user_type: 'STANDARD',
      updated_at: '2024-01-01T00:00:00Z',
    })
  })

  test('takes the token in a form too', async () => {
    const answer = await fetch(`${simulator.url}/services/oauth2/userinfo`, {
      method: 'POST',
      body: new URLSearchParams({ access_token: admin.token }),
    })
    expect(answer.status).toBe(200)
  })

  test.each([
    [{}, 'Missing_OAuth_Token'],
    [{ authorization: 'Bearer 00Dx!wrong' }, 'Bad_OAuth_Token'],
  ])('refuses %o with 403 and a bare word', async (headers, word) => {
    const answer = await fetch(`${simulator.url}/services/oauth2/userinfo`, { headers })
    expect([answer.status, await answer.text()]).toEqual([403, word])
  })

  test('gives the standard time of a zone with summer time', async () => {
    const me = await identityPath()
    const zone = { TimeZoneSidKey: 'America/Los_Angeles' }
    await admin.json('PATCH', `/sobjects/User/${me.split('/').at(-1)}`, zone)
    const body = Object(await admin.json('GET', '/services/oauth2/userinfo'))
    expect(body).toMatchObject({ zoneinfo: 'America/Los_Angeles', utcOffset: -28_800_000 })
  })
})

describe('the identity URL', () => {
  test('keeps a literal version in its addresses, unless one is asked for', async () => {
    const path = await identityPath()
    const plain = await json(path)
    expect(Object.keys(plain.urls)).toEqual(API_URLS)
    expect(plain.id).toBe(simulator.url + path)
    expect(plain).toMatchObject({ asserted_user: true, username: 'admin@simulator.example' })
    expect(plain.urls.rest).toBe(`${simulator.url}/services/data/v{version}/`)
    const latest = await json(`${path}?version=latest`)
    expect(latest.urls.query).toBe(`${simulator.url}/services/data/v67.0/query/`)
    const older = await json(`${path}?version=60.0`)
    expect(older.urls.partner).toMatch(/\/services\/Soap\/u\/60\.0\/00D\w{12}$/)
    expect((await get(`${path}?version=3`)).status).toBe(406)
  })

  test('can be https on another host, as clients expect of a real org', async () => {
    await admin.admin('PATCH', '/settings', { identityHost: 'login.salesforce.com' })
    const path = await identityPath()
    const body = await json(path)
    expect(body.id).toBe(`https://login.salesforce.com${path}`)
  })

  test('speaks XML where it is asked to', async () => {
    const path = await identityPath()
    for (const answer of [
      await get(`${path}?format=xml`),
      await get(path, { accept: 'application/xml,application/json' }),
    ]) {
      expect(answer.headers.get('content-type')).toContain('application/xml')
      const text = await answer.text()
      expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?><user /)
      expect(text).toContain(
        '<status><created_date xsi:nil="true"/><body xsi:nil="true"/></status>',
      )
      expect(text).toContain('<email>admin@simulator.example</email>')
    }
  })

  test('writes no character that XML has no way to hold', async () => {
    const path = await identityPath()
    const id = path.split('/').at(-1)
    await admin.json('PATCH', `/sobjects/User/${id}`, { FirstName: '<A>\u0001"' })
    const text = await (await get(`${path}?format=xml`)).text()
    expect(text).toContain('<first_name>&lt;A&gt;\uFFFD&quot;</first_name>')
  })

  test('takes the token as a parameter, as jsforce sends it', async () => {
    const path = await identityPath()
    const query = new URLSearchParams({ format: 'json', oauth_token: admin.token })
    expect((await fetch(`${simulator.url}${path}?${query}`)).status).toBe(200)
    expect((await fetch(simulator.url + path)).status).toBe(403)
  })

  test('refuses other orgs, strangers and the inactive', async () => {
    const [, , organization] = (await identityPath()).split('/')
    const user = { Username: 'ann@example.com', LastName: 'Ann', Email: 'ann@example.com' }
    const { id } = Object(await admin.json('POST', '/sobjects/User', user))
    const look = async (path: string) => {
      const answer = await get(`/id/${path}`)
      return [answer.status, answer.status === 200 ? 'ok' : await answer.text()]
    }
    expect(await look(`${organization}/${id}`)).toEqual([200, 'ok'])
    expect(await look(`${organization?.slice(0, 15)}/${id.slice(0, 15)}`)).toEqual([200, 'ok'])
    expect(await look(`00D000000000062EAA/${id}`)).toEqual([403, 'Wrong_Org'])
    expect(await look(`${organization}/nobody`)).toEqual([404, 'Bad_Id'])
    await admin.json('PATCH', `/sobjects/User/${id}`, { IsActive: false })
    expect(await look(`${organization}/${id}`)).toEqual([404, 'Inactive'])
  })
})

describe('OpenID Connect', () => {
  test('ID tokens are signed by a key that the discovery leads to', async () => {
    const found = await fetch(`${simulator.url}/.well-known/openid-configuration`)
    const discovery = Object(await found.json())
    expect(discovery).toMatchObject({
      issuer: simulator.url,
      authorization_endpoint: `${simulator.url}/services/oauth2/authorize`,
      token_endpoint: `${simulator.url}/services/oauth2/token`,
    })
    const { keys } = Object(await (await fetch(discovery.jwks_uri)).json())
    const oauth = createOauthClient(simulator.url)
    const app = { client_id: 'simulator-client', redirect_uri: 'http://localhost/done' }
    const asked = { ...app, response_type: 'code', scope: 'openid', nonce: 'n-1' }
    const back = await oauth.decide(asked, 'allow')
    const { body } = await oauth.token({
      ...app,
      grant_type: 'authorization_code',
      client_secret: 'simulator-secret',
      code: back.searchParams.get('code') ?? '',
    })
    const [header = '', claims = '', signature = ''] = (body['id_token'] ?? '').split('.')
    const decode = (part: string) => Object(JSON.parse(Buffer.from(part, 'base64url').toString()))
    const jwk: JsonWebKey = Object(keys).find(
      (key: { kid: string }) => key.kid === decode(header).kid,
    )
    const isValid = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${claims}`),
      createPublicKey({ key: jwk, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    )
    expect(isValid).toBe(true)
    expect(decode(claims)).toMatchObject({
      iss: simulator.url,
      aud: 'simulator-client',
      sub: body['id'],
      nonce: 'n-1',
    })
    expect(decode(claims).exp - decode(claims).iat).toBe(120)
    // The session may ask who it is, and nothing of the data.
    const call = { authorization: `Bearer ${body['access_token']}` }
    expect((await admin.call('GET', '/services/oauth2/userinfo', undefined, call)).status).toBe(200)
    const refused = await admin.call('GET', '/limits', undefined, call)
    expect([refused.status, await refused.json()]).toEqual([
      401,
      [
        {
          message: 'This session is not valid for use with the REST API',
          errorCode: 'INVALID_SESSION_ID',
        },
      ],
    ])
  })
})
