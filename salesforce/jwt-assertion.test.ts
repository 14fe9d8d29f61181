import { generateKeyPairSync, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { audienceOf, jwtAssertion } from './jwt-assertion.ts'

test('an assertion is signed by the key, and lives for three minutes', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const assertion = jwtAssertion(
    {
      clientId: 'app',
      username: 'ada@example.com',
      loginUrl: 'https://example.my.salesforce.com',
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
    1_000,
  )
  const [header = '', claims = '', signature = ''] = assertion.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  expect(read(header)).toEqual({ alg: 'RS256', typ: 'JWT' })
  expect(read(claims)).toEqual({
    iss: 'app',
    sub: 'ada@example.com',
    aud: 'https://login.salesforce.com',
    exp: 1_180,
  })
  const content = Buffer.from(`${header}.${claims}`)
  expect(verify('RSA-SHA256', content, publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
})

test.each([
  ['https://login.salesforce.com', 'https://login.salesforce.com'],
  ['https://test.salesforce.com', 'https://test.salesforce.com'],
  ['https://example.my.salesforce.com', 'https://login.salesforce.com'],
  ['https://example--uat.sandbox.my.salesforce.com', 'https://test.salesforce.com'],
  ['http://127.0.0.1:5059', 'http://127.0.0.1:5059'],
])('the audience of %s is %s', (loginUrl, audience) => {
  expect(audienceOf(loginUrl)).toBe(audience)
})
