import { type JsonNode, JsonTextError, readJsonTokens } from '../../security/json-tokens.ts'
import { ApiError } from '../errors.ts'

/** The tree of a body. @throws {ApiError} `invalid_json`, also for what is too deep or too much */
export function bodyTokens(text: string): JsonNode {
  try {
    return readJsonTokens(text)
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error
    throw new ApiError('invalid_json', error.message, { cause: error })
  }
}
