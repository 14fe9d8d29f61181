import { ApiError } from '../http/api-error.ts'

/** The key that the path names may not stand in the body too. Throws ApiError 400. */
export function refuseOwnKey(json: Readonly<Record<string, unknown>>, key: string): void {
  const isThere = Object.keys(json).some((name) => name.toLowerCase() === key.toLowerCase())
  if (!isThere) return
  throw new ApiError(
    400,
    'INVALID_FIELD',
    `The ${key} field should not be specified in the sobject data.`,
  )
}
