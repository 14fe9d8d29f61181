import { createHmac, timingSafeEqual } from 'node:crypto'

/** Headers of a webhook to Conveyor. Send `body` exactly as it is given here. */
export function signWebhook(secret, body, timestamp = Math.floor(Date.now() / 1000)) {
  const mac = createHmac('sha256', secret).update(`${timestamp}.`).update(body)
  return {
    'X-Salesforce-Timestamp': String(timestamp),
    'X-Salesforce-Signature': mac.digest('base64'),
  }
}

/**
 * Whether Conveyor sent this delivery. `headers` has names in small letters, as Node gives them; `body` is the bytes
 * or text as received, before any parsing. `secret` begins with `whsec_`.
 */
export function verifyDelivery(secret, headers, body, now = Math.floor(Date.now() / 1000)) {
  const id = headers['webhook-id'] ?? ''
  const timestamp = headers['webhook-timestamp'] ?? ''
  if (id === '' || !/^\d{1,11}$/.test(timestamp)) return false
  if (Math.abs(now - Number(timestamp)) > 300) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  // Several, separated by spaces, while a secret is changed.
  return (headers['webhook-signature'] ?? '').split(' ').some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64')
    return (
      signature.startsWith('v1,') &&
      given.length === wanted.length &&
      timingSafeEqual(given, wanted)
    )
  })
}
