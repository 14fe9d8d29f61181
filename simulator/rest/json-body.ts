import { ApiError } from '../http/api-error.ts'
import { jsonToken } from '../values/json-token.ts'
import { isTooDeep, type JsonPath, type JsonPosition, jsonFault, positionOf } from './json-scan.ts'

/** The body of a call. */
export interface JsonBody {
  /** Throws ApiError for a body that is missing or no JSON. */
  value(): unknown
  /** An object. Throws ApiError for anything else. */
  object(): Record<string, unknown>
  /** A refusal of the whole call that names the place of the value at `path`. */
  refusal(message: string, path: JsonPath): ApiError
}

/** Narrows a JSON value to an object. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A body as it was sent. */
export function jsonBody(text: string): JsonBody {
  return bodyOf(() => parse(text), text)
}

/** A body that is inside another one; `undefined` for none. */
export function nestedBody(value: unknown): JsonBody {
  if (value === undefined) return jsonBody('')
  return bodyOf(() => value, JSON.stringify(value))
}

function bodyOf(value: () => unknown, text: string): JsonBody {
  const refusal = (message: string, path: JsonPath): ApiError =>
    parserError(message, positionOf(text, path))
  return {
    value,
    object() {
      const json = value()
      if (isJsonObject(json)) return json
      throw refusal(`Cannot deserialize instance of object from ${jsonToken(json)}`, [])
    },
    refusal,
  }
}

function parse(text: string): unknown {
  if (text.trim() === '') {
    throw new ApiError(
      400,
      'JSON_PARSER_ERROR',
      'The HTTP entity body is required, but this request has no entity body.',
    )
  }
  try {
    const value: unknown = JSON.parse(text)
    if (!isTooDeep(text)) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  const { message, position } = jsonFault(text)
  throw parserError(message, position)
}

function parserError(message: string, { line, column }: JsonPosition): ApiError {
  return new ApiError(400, 'JSON_PARSER_ERROR', `${message} at [line:${line}, column:${column}]`)
}
