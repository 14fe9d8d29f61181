import { ApiError } from '../errors.ts'

/** Postgres keeps no NUL, and control characters have no place in names. @throws {ApiError} `invalid_request` */
export function requirePlainText(name: string, text: string, longest: number): string {
  if (text === '' || text.length > longest) {
    throw new ApiError('invalid_request', `${name} must be text of 1 to ${longest} characters`)
  }
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) {
    throw new ApiError('invalid_request', `${name} holds a control character`)
  }
  return text
}
