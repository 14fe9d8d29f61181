import type { RecordFields } from '../store/record-store.ts'
import { coerceText, isRowError } from '../values/coerce-text.ts'
import { renderCell } from '../values/render.ts'
import type { RowError } from '../values/row-error.ts'
import type { ColumnPlan } from './column-plan.ts'

/** The mark that clears a field. */
const CLEAR = '#N/A'

/** A row whose values are brought to what the org stores. */
export interface PreparedRow {
  readonly values: RecordFields
  /** What the result files echo, in the order of the input's columns. */
  readonly echo: string[]
  /** The first thing wrong with it, found without looking at other records. */
  readonly error: RowError | null
  /** Values of relationship columns, by the column's place. */
  readonly lookups: readonly (readonly [column: number, value: string])[]
}

/** Coerces one row. An empty cell leaves its field alone; `#N/A` clears it. */
export function prepareRow(plan: ColumnPlan, cells: readonly string[]): PreparedRow {
  const values: RecordFields = {}
  const echo: string[] = []
  const lookups: [number, string][] = []
  let error: RowError | null = null
  for (let index = 0; index < plan.columns.length; index += 1) {
    const raw = cells[index] ?? ''
    const column = plan.columns[index]
    if (raw === '' || column === undefined) {
      echo.push('')
      continue
    }
    const { field, lookup } = column
    if (raw === CLEAR) {
      values[field.name] = null
      echo.push(raw)
      continue
    }
    if (lookup !== null) {
      lookups.push([index, raw.trim()])
      echo.push(raw.trim())
      continue
    }
    const value = coerceText(field, raw, index)
    if (isRowError(value)) {
      error ??= value
      echo.push(raw)
      continue
    }
    if (value !== null) values[field.name] = value
    echo.push(renderCell(value))
  }
  return { values, echo, error, lookups }
}
