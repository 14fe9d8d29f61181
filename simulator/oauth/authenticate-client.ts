import { timingSafeEqual } from 'node:crypto'
import type { Org, OrgContext } from '../http/org-context.ts'
import { TokenError } from '../http/token-error.ts'
import type { ClientApp } from './client-app.ts'

/** An app that made a call, and whether it presented its secret. */
export interface AuthenticatedClient {
  readonly app: ClientApp
  readonly presentedSecret: boolean
}

/** The app that a call names, in the form or as Basic. @throws TokenError for an unknown app or a wrong secret. */
export function authenticateClient(
  org: Org,
  c: OrgContext,
  form: URLSearchParams,
): AuthenticatedClient {
  const basic = /^basic (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  const [id, secret] =
    basic === undefined ? [form.get('client_id'), form.get('client_secret')] : decodeBasic(basic)
  const app = org.oauth.apps.get(id ?? '')
  if (app === null) throw new TokenError('invalid_client_id', 'client identifier invalid')
  if (secret === null || secret === '') return { app, presentedSecret: false }
  // Public clients need no secret, but a wrong one is an error all the same.
  if (!isSame(secret, app.clientSecret)) throw invalidClient()
  return { app, presentedSecret: true }
}

/** The answer to a secret that is wrong, or missing where it is needed. */
export function invalidClient(): TokenError {
  return new TokenError('invalid_client', 'invalid client credentials')
}

function decodeBasic(text: string): readonly [string, string] {
  const pair = Buffer.from(text, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  const [id, secret] = colon === -1 ? [pair, ''] : [pair.slice(0, colon), pair.slice(colon + 1)]
  return [decode(id), decode(secret)]
}

/** RFC 6749 wants both parts encoded as in a form; clients that send them as they are must work too. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
