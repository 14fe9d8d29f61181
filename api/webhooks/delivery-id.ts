import { createHash } from 'node:crypto'
import { ApiError } from '../errors.ts'

const FORM = /^[\x21-\x7e]{1,200}$/

/** The sender's own id of a delivery. @throws {ApiError} where it is none */
export function deliveryIdOf(where: string, text: string | null): string | null {
  if (text === null || FORM.test(text)) return text
  const message = `The delivery id in ${where} must be 1 to 200 printable characters without spaces.`
  throw new ApiError('invalid_request', message)
}

/**
 * What a delivery is known by once more: the sender's id of it; without one the text that was signed, with its time.
 * Of a body that was signed in another form than it was sent in, white space may change, and it stays the same.
 */
export function deliveryKey(
  deliveryId: string | null,
  signed: { readonly timestamp: string; readonly text: Buffer },
): Buffer {
  const hash = createHash('sha256')
  if (deliveryId !== null) return hash.update(`id\n${deliveryId}`).digest()
  return hash.update(`body\n${signed.timestamp}\n`).update(signed.text).digest()
}

/** Of a notification of an outbound message; Salesforce repeats its id with each attempt. */
export function notificationKey(notificationId: string): Buffer {
  return createHash('sha256')
    .update(`notification\n${notificationId.slice(0, 15)}`)
    .digest()
}
