import { ApiError } from '../errors.ts'

/** How long a key is remembered; callers are told in the API reference. */
export const KEY_KEPT_HOURS = 24
const KEY_FORM = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/

/** A key that may be one; null without any. @throws {ApiError} `invalid_idempotency_key` */
export function checkedIdempotencyKey(key: string | null): string | null {
  if (key !== null && !KEY_FORM.test(key)) {
    const message = 'An Idempotency-Key has 1 to 255 printable ASCII characters.'
    throw new ApiError('invalid_idempotency_key', message)
  }
  return key
}
