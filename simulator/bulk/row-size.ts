import { JobFailure } from './job-failure.ts'

/** Fields of one record, and characters of all its values. */
const MAX_FIELDS = 5_000
const MAX_RECORD_CHARACTERS = 400_000

/** Refuses a header that names more fields than a record may have. */
export function checkHeaderSize(header: readonly string[]): void {
  if (header.length <= MAX_FIELDS) return
  throw new JobFailure(
    'InvalidBatch',
    `Number of fields ${header.length} exceeds the limit of ${MAX_FIELDS} fields in a record`,
  )
}

/** Refuses a row that does not fit the header or is too large. `place` counts from 1. */
export function checkRowSize(
  row: readonly string[],
  columns: number,
  place: number,
  fieldCharacters: number,
): void {
  if (row.length !== columns) {
    throw new JobFailure(
      'InvalidBatch',
      `Row ${place} has ${row.length} values, the header has ${columns} names`,
    )
  }
  let characters = 0
  for (const cell of row) characters += cell.length
  // Only a row longer than one field may be can hold a field that is too long.
  if (characters <= fieldCharacters && characters <= MAX_RECORD_CHARACTERS) return
  if (characters > MAX_RECORD_CHARACTERS) {
    throw new JobFailure(
      'InvalidBatch',
      `Row ${place} has ${characters} characters, a record may have ${MAX_RECORD_CHARACTERS}`,
    )
  }
  const longest = Math.max(...row.map((cell) => cell.length))
  if (longest <= fieldCharacters) return
  throw new JobFailure(
    'InvalidBatch',
    `Row ${place} has a value of ${longest} characters, a field may have ${fieldCharacters}`,
  )
}
