import type { AddressRules } from '../../security/address-rules.ts'
import { checkCallbackUrl } from '../../security/callback-url.ts'
import { ApiError } from '../errors.ts'

/** As it will be called. @throws {ApiError} `invalid_callback_url`; the message holds nothing of the URL. */
export function requireCallbackUrl(text: string, rules: AddressRules): string {
  const checked = checkCallbackUrl(text, rules)
  if (!checked.ok) {
    throw new ApiError('invalid_callback_url', `The field callback_url: ${checked.message}`)
  }
  return checked.url.toString()
}
