import { type ExactPlace, isExactTime } from '../../db/exact-time.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { isPlainId } from './plain-id.ts'

/** The cursor of a list in order of time. */
export function encodePlace({ at, id }: ExactPlace): string {
  return encodeCursor([at, id])
}

/** @throws {ApiError} `invalid_cursor` */
export function decodePlace(cursor: string | undefined): ExactPlace | null {
  const place = decodeCursor<[string, string]>(
    cursor,
    ([at, id]) => isExactTime(at) && isPlainId(id),
  )
  return place === null ? null : { at: place[0], id: place[1] }
}
