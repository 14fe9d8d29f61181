import { parseJsonText } from '../../bulk/staging/parse-json-text.ts'
import { ApiError } from '../errors.ts'
import type { RequestBody } from './request-body.ts'

/** 10,000 records of 6 kB; the streamed forms have no limit. */
const MOST_BYTES = 64_000_000

/** The body as a JSON object. @throws {ApiError} `invalid_json`, and what reading throws. */
export async function parseJsonBody(body: RequestBody): Promise<Record<string, unknown>> {
  const text = await body.text(MOST_BYTES)
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ApiError('invalid_json', 'The body must be a JSON object.')
  }
  // An object with string keys, as just checked; what they hold is checked by who reads them.
  return value as Record<string, unknown>
}

function parse(text: string): unknown {
  try {
    return parseJsonText(text)
  } catch (error) {
    if (error instanceof RangeError) {
      throw new ApiError('invalid_json', 'The body is nested too deep.', { cause: error })
    }
    if (!(error instanceof SyntaxError)) throw error
    const isCut = /end of JSON input|Unterminated/.test(error.message)
    const message = isCut
      ? 'The body ends in the middle of its JSON: it was cut off.'
      : 'The body is not JSON.'
    throw new ApiError('invalid_json', message, { cause: error })
  }
}
