import type { FieldValue } from '../schema/field.ts'
import type { RecordFields } from '../store/record-store.ts'

/** Sets a value that the org derives; a record holds no empty values. */
export function setValue(fields: RecordFields, name: string, value: FieldValue | undefined): void {
  if (value === null || value === undefined) delete fields[name]
  else fields[name] = value
}

/** A number of a record; `null` where it has none. */
export function numberIn(fields: Readonly<RecordFields>, name: string): number | null {
  const value = fields[name]
  return typeof value === 'number' ? value : null
}

/** A text of a record; `null` where it has none. */
export function textIn(fields: Readonly<RecordFields>, name: string): string | null {
  const value = fields[name]
  return typeof value === 'string' ? value : null
}

/** Whether a change gives a field another value than it had. */
export function isChanged(
  before: Readonly<RecordFields> | null,
  after: Readonly<RecordFields>,
  name: string,
): boolean {
  return (before?.[name] ?? null) !== (after[name] ?? null)
}
