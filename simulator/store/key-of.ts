import type { FieldValue } from '../schema/field.ts'

/** What a value of a unique or external-id field is found by: keys compare without case. */
export function keyOf(value: FieldValue): string | null {
  return value === null || value === '' ? null : String(value).toLowerCase()
}
