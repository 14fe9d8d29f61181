import { ApiError } from '../errors.ts'

/** Opaque to callers, so that what it holds can change. */
export function encodeCursor(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/** @throws {ApiError} `invalid_cursor` for what no page of ours gave out. */
export function decodeCursor<T extends readonly (string | number)[]>(
  cursor: string | undefined,
  isPosition: (value: readonly unknown[]) => boolean,
): T | null {
  if (cursor === undefined) return null
  const value = parse(cursor)
  if (!Array.isArray(value) || !isPosition(value)) {
    throw new ApiError('invalid_cursor', 'The cursor is not one that a page of this list gave.')
  }
  // Checked just above by the caller's own test.
  return value as unknown as T
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    // Whatever it is, it is not ours: the caller of this function says so.
    return null
  }
}
