import { createHash } from 'node:crypto'
import { ApiError } from '../errors.ts'

const FORM = /^[\x21-\x7e]{1,200}$/

/** The sender's own id of a delivery. @throws {ApiError} where it is none */
export function deliveryIdOf(where: string, text: string | null): string | null {
  if (text === null || FORM.test(text)) return text
  const message = `The delivery id in ${where} must be 1 to 200 printable characters without spaces.`
  throw new ApiError('invalid_request', message)
}

/** What tells whether a delivery was taken in before: it was where either of these was. */
export interface IntakeKeys {
  /** The text that was signed, with its time; null where the sender's own id is part of it. */
  readonly signed: Buffer | null
  /** The sender's own id; null where there is none. */
  readonly named: Buffer | null
}

/**
 * What a delivery is known by once more: the sender's id of it; without one the text that was signed, with its time.
 * With an id in a header both: a header is not signed, so whoever has seen a webhook could have it stored once more with
 * each id that they make up, for as long as its time counts.
 * Of a body that was signed in another form than it was sent in, white space may change, and it stays the same.
 */
export function intakeKeys(
  ids: { readonly body: string | null; readonly header: string | null },
  signed: { readonly timestamp: string; readonly text: Buffer },
): IntakeKeys {
  const id = ids.body ?? ids.header
  return {
    signed:
      ids.body === null ? sha256(Buffer.from(`body\n${signed.timestamp}\n`), signed.text) : null,
    named: id === null ? null : sha256(Buffer.from(`id\n${id}`)),
  }
}

/** Of a notification of an outbound message; Salesforce repeats its id with each attempt. */
export function notificationKeys(notificationId: string): IntakeKeys {
  return {
    signed: null,
    named: sha256(Buffer.from(`notification\n${notificationId.slice(0, 15)}`)),
  }
}

function sha256(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
