import { sign } from 'node:crypto'

/** Salesforce refuses more than five minutes; clocks differ. */
const LIFE_SECONDS = 180

/**
 * The signed assertion of the JWT bearer flow, for a session that acts for `username`.
 * @param now seconds since 1970.
 */
export function jwtAssertion(
  claims: {
    readonly clientId: string
    readonly username: string
    readonly loginUrl: string
    readonly privateKey: string
  },
  now = Math.floor(Date.now() / 1_000),
): string {
  const content = [
    { alg: 'RS256', typ: 'JWT' },
    {
      iss: claims.clientId,
      sub: claims.username,
      aud: audienceOf(claims.loginUrl),
      exp: now + LIFE_SECONDS,
    },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign('RSA-SHA256', Buffer.from(content), claims.privateKey)
  return `${content}.${signature.toString('base64url')}`
}

/**
 * The login host that an assertion is for: Salesforce wants the shared one of production or of sandboxes, also where
 * the token is asked from a My Domain (Salesforce Help, "OAuth 2.0 JWT Bearer Flow").
 */
export function audienceOf(loginUrl: string): string {
  const { hostname, origin } = new URL(loginUrl)
  if (!hostname.endsWith('.salesforce.com')) return origin
  return hostname === 'test.salesforce.com' || hostname.endsWith('.sandbox.my.salesforce.com')
    ? 'https://test.salesforce.com'
    : 'https://login.salesforce.com'
}
