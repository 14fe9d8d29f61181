import type { SQLOutputValue } from 'node:sqlite'
import { makeId } from '../ids.ts'
import type { FieldValue } from '../schema/field.ts'
import { renderCell, restDatetime } from '../values/render.ts'
import { formatValue } from './format.ts'
import type { Cell, Shape } from './query-plan.ts'
import type { Value } from './value.ts'

/** Rows come as arrays: names of columns would be built for each of them otherwise. */
export type Row = readonly SQLOutputValue[]

/** Whose locale and zone formatted values are written in. */
export interface Reader {
  readonly locale: string
  readonly zone: string
}

/** A result of SQL as the store keeps the value: ids as text, times in UTC. */
function storedForm(value: Value, raw: SQLOutputValue | undefined): FieldValue {
  if (value.type === 'boolean') return raw === 1
  if (typeof raw !== 'string' && typeof raw !== 'number') return null
  switch (value.form) {
    case 'record number':
      return makeId(value.keyPrefix, Number(raw))
    case 'milliseconds':
      return new Date(Number(raw)).toISOString()
    case 'plain':
      return raw
  }
}

/** A value as REST answers show it. */
export function jsonValue(cell: Cell, row: Row, reader: Reader): FieldValue {
  const stored = storedForm(cell.value, row[cell.column])
  if (cell.format !== null) return formatted(cell, stored, reader)
  if (cell.value.type === 'datetime' && typeof stored === 'string') return restDatetime(stored)
  return stored
}

/** A value as a result file of Bulk shows it. */
export function csvValue(cell: Cell, row: Row, reader: Reader): string {
  const stored = storedForm(cell.value, row[cell.column])
  return renderCell(cell.format === null ? stored : formatted(cell, stored, reader))
}

function formatted(cell: Cell, stored: FieldValue, reader: Reader): FieldValue {
  if (cell.format === null || stored === null) return stored
  return formatValue(
    cell.format,
    cell,
    typeof stored === 'boolean' ? String(stored) : stored,
    reader,
  )
}

/** The id of the record in a row; `null` where a lookup leads to none. */
export function idOf(id: Shape['id'], row: Row): string | null {
  const stored = storedForm(id.value, row[id.column])
  return typeof stored === 'string' ? stored : null
}
