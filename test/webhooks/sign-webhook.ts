import { createHmac } from 'node:crypto'

/** A secret that the API of the tests takes for the environment's connection. */
export const TEST_SECRET = 'the secret of the tests'
export const PREVIOUS_TEST_SECRET = 'the secret before that'

export interface Signing {
  readonly secret?: string
  /** Unix seconds; now where absent. */
  readonly at?: number
  readonly encoding?: 'base64' | 'hex' | 'base64url'
  /** What is signed instead of the body. */
  readonly form?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Headers of a webhook, as an org's own Apex makes them. */
export function signedHeaders(
  body: string | Buffer,
  signing: Signing = {},
): Record<string, string> {
  const { secret = TEST_SECRET, at = Math.floor(Date.now() / 1_000), encoding = 'base64' } = signing
  const signature = createHmac('sha256', secret)
    .update(`${at}.`)
    .update(signing.form ?? body)
    .digest(encoding)
  return {
    'content-type': 'application/json',
    'x-salesforce-timestamp': String(at),
    'x-salesforce-signature': signature,
    ...signing.headers,
  }
}

/** Sends a webhook, signed as it is sent unless `signing` says otherwise. */
export function sendWebhook(
  url: string,
  body: unknown,
  signing: Signing = {},
  path = '/webhooks/salesforce',
): Promise<Response> {
  const bytes =
    typeof body === 'string' || Buffer.isBuffer(body)
      ? Buffer.from(body)
      : Buffer.from(JSON.stringify(body))
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: signedHeaders(bytes, signing),
    body: new Uint8Array(bytes),
  })
}

/** The 18-character id of the nth account. */
export function accountId(n: number): string {
  return `001${String(n).padStart(12, '0')}AAA`
}
