import { createHmac } from 'node:crypto'

/** Prefix of secrets that sign deliveries (Standard Webhooks 1.0). */
export const SIGNING_SECRET_PREFIX = 'whsec_'

/**
 * The headers of a delivery (Standard Webhooks 1.0): HMAC-SHA256 over `id.timestamp.body`, by each of the secrets, so
 * that a receiver may know either one while a secret is changed. `body` is signed as it is sent, byte for byte.
 */
export function signDelivery(
  secrets: readonly string[],
  id: string,
  at: Date,
  body: string,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at.getTime() / 1_000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(SIGNING_SECRET_PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}
