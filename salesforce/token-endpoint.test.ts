import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  json,
  type ScriptedOrg,
  silence,
  startScriptedOrg,
  TOKEN_ROUTE,
  token,
} from './scripted-org.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

const INTROSPECT = 'POST /services/oauth2/introspect'
const REVOKE = 'POST /services/oauth2/revoke'

let org: ScriptedOrg
beforeEach(async () => {
  org = await startScriptedOrg()
})
afterEach(() => org.close())

const endpoint = (timeoutMs = 2_000) => createTokenEndpoint({ timeoutMs })
const owner = () => ({ loginUrl: org.url, clientId: 'app', clientSecret: 's&cret' })
const form = () => Object.fromEntries(new URLSearchParams(org.requests[0]?.body))

test('a code is presented with its verifier, and tells whom the session acts for', async () => {
  org.route(TOKEN_ROUTE, token(org, 't1', { refresh_token: 'r1' }))
  const granted = await endpoint().grant({
    ...{ grant: 'authorization_code', ...owner() },
    ...{ code: 'c1', redirectUri: 'http://localhost/back', codeVerifier: 'v1' },
  })
  expect(granted).toMatchObject({
    session: { accessToken: 't1' },
    refreshToken: 'r1',
    salesforceUserId: expect.stringMatching(/^005\w{15}$/),
  })
  expect(form()).toEqual({
    ...{ grant_type: 'authorization_code', client_id: 'app', client_secret: 's&cret' },
    ...{ code: 'c1', redirect_uri: 'http://localhost/back', code_verifier: 'v1' },
  })
})

test.each([
  [true, json(200, { active: true })],
  [false, json(200, { active: false })],
  [null, json(200, { nothing: 'of the sort' })],
  [null, json(401, { error: 'invalid_client', error_description: 'x' })],
])('introspection says %s', async (active, answer) => {
  org.route(INTROSPECT, answer)
  expect(await endpoint().isActive(owner(), 'r1')).toBe(active)
  expect(form()).toMatchObject({ token: 'r1', client_id: 'app', client_secret: 's&cret' })
})

test('introspection that fails for now is an error, not an answer', async () => {
  org.route(INTROSPECT, json(503, {}))
  await expect(endpoint().isActive(owner(), 'r1')).rejects.toMatchObject({ kind: 'unavailable' })
})

test('a public app cannot ask, and does not', async () => {
  expect(await endpoint().isActive({ ...owner(), clientSecret: null }, 'r1')).toBeNull()
  expect(org.requests).toHaveLength(0)
})

test('a token that has ended already is as good as revoked', async () => {
  org.route(REVOKE, json(400, { error: 'invalid_token', error_description: 'invalid token: r1' }))
  await endpoint().revoke(org.url, 'r1')
  expect(form()).toEqual({ token: 'r1' })
})

test('any other refusal of a revocation is one', async () => {
  org.route(REVOKE, json(400, { error: 'unsupported_token_type', error_description: 'x' }))
  await expect(endpoint().revoke(org.url, 'r1')).rejects.toMatchObject({
    errorCode: 'unsupported_token_type',
  })
})

test('a refusal does not repeat what was presented', async () => {
  org.route(
    REVOKE,
    json(400, { error: 'unsupported_token_type', error_description: 'bad token: the-token' }),
  )
  await expect(endpoint().revoke(org.url, 'the-token')).rejects.toMatchObject({
    message: 'bad token: [redacted]',
  })
})

test('an answer that trickles for ever is given up as a whole', async () => {
  org.route(TOKEN_ROUTE, (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    // Never silent for long, and never done.
    const timer = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(timer))
  })
  await expect(
    endpoint(100).grant({ ...owner(), grant: 'client_credentials' }),
  ).rejects.toMatchObject({ kind: 'no_answer', effect: 'none' })
})

test('silence is no answer', async () => {
  org.route(REVOKE, silence())
  await expect(endpoint(50).revoke(org.url, 'r1')).rejects.toMatchObject({ kind: 'no_answer' })
})
