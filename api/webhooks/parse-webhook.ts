import { ApiError } from '../errors.ts'
import { decodeUtf8 } from '../http/request-body.ts'
import { requireStorable } from './require-storable.ts'

export interface ParsedWebhook {
  /** As it was sent, without a byte order mark. */
  readonly text: string
  readonly value: Readonly<Record<string, unknown>>
}

/** The body as a JSON object that can be stored. @throws {ApiError} `invalid_utf8`, `invalid_json` and others */
export function parseWebhook(body: Buffer): ParsedWebhook {
  const text = decodeUtf8(body)
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ApiError('invalid_json', 'The body must be a JSON object.')
  }
  requireStorable(text)
  // An object with string keys, as just checked; what they hold is checked by who reads them.
  return { text, value: value as Record<string, unknown> }
}

/** Whether somebody only tries whether webhooks arrive: `{"test": true}`. */
export function isTestWebhook(body: Buffer): boolean {
  if (body.length > LONGEST_TEST) return false
  try {
    return parseWebhook(body).value['test'] === true
  } catch (error) {
    if (error instanceof ApiError) return false
    throw error
  }
}

/** What nobody has signed is not read at any length. */
const LONGEST_TEST = 10_000

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // The message of the error quotes the body.
    throw new ApiError('invalid_json', 'The body is not JSON.')
  }
}
