import type { FieldDescribe } from '../contracts/metadata.ts'
import type { ScannedRecord } from './scan-csv.ts'
import { hashBytes64 } from './text-hash.ts'
import {
  CLEARING_VALUE,
  comparableValue,
  isStableField,
  isTextCaseFolded,
  wireValue,
} from './wire-value.ts'

export interface KeyCellHash {
  /** Writes the 64-bit hash of the field's comparable value to `target` from `at` on; false where that is blank. */
  ofCell(record: ScannedRecord, place: number, target: Uint32Array, at: number): boolean
  ofText(text: string, target: Uint32Array, at: number): boolean
}

const BLANK = 0x20
const LAST_PRINTABLE = 0x7e

/**
 * Hashes the values of a key column so that all spellings of one key have one hash. Plain ASCII, which nearly all keys
 * are, is its own comparable form and is hashed where it stands in the file.
 */
export function createKeyCellHash(field: FieldDescribe | null): KeyCellHash {
  const isText = isComparedAsText(field)
  const folds = isTextCaseFolded(field)

  function ofText(text: string, target: Uint32Array, at: number): boolean {
    const comparable = comparableValue(wireValue(text, field), field)
    if (comparable === '') return false
    const bytes = Buffer.from(comparable)
    hashBytes64(bytes, 0, bytes.length, false, target, at)
    return true
  }

  return {
    ofText,
    ofCell(record, place, target, at) {
      if (place < 0 || place >= record.width) return false
      const start = record.starts[place] ?? 0
      const end = record.ends[place] ?? 0
      if (start === end) return false
      const isPlain = isText && record.escaped[place] === 0 && isPlainKey(record.bytes, start, end)
      if (!isPlain) return ofText(record.text(place), target, at)
      hashBytes64(record.bytes, start, end, folds, target, at)
      return true
    },
  }
}

/** Types whose comparable form is their text, but for blanks, line ends and case. */
function isComparedAsText(field: FieldDescribe | null): boolean {
  if (field === null) return true
  return isStableField(field) && field.type !== 'id' && field.type !== 'reference'
}

/** Printable ASCII without blanks around it, and not the mark that clears a field. */
function isPlainKey(bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    const byte = bytes[index] ?? 0
    if (byte < BLANK || byte > LAST_PRINTABLE) return false
  }
  if (bytes[start] === BLANK || bytes[end - 1] === BLANK) return false
  // All keys that begin as the mark does take the slow way: there are hardly any.
  return bytes[start] !== CLEARING_VALUE.charCodeAt(0)
}
