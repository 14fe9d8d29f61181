import type { RecordFields } from '../store/record-store.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import type { ColumnPlan } from './column-plan.ts'
import type { IdLookup } from './id-lookup.ts'
import type { PreparedRow } from './prepare-row.ts'

/** Puts the ids that a row's relationship columns name into `values`; gives why it cannot. */
export function resolveLookups(
  lookup: IdLookup,
  plan: ColumnPlan,
  row: PreparedRow,
  values: RecordFields,
): RowError | null {
  for (const [index, value] of row.lookups) {
    const column = plan.columns[index]
    if (column === undefined || column.lookup === null) continue
    const { object, by } = column.lookup
    const [id, second, ...more] = lookup.find(object, by, value)
    if (id === undefined) {
      return rowError(
        'INVALID_FIELD',
        `Foreign key external ID: ${value} not found for field ${by.name} in entity ${object.name}`,
      )
    }
    if (second !== undefined) {
      return rowError(
        'DUPLICATE_EXTERNAL_ID',
        `${by.label}: more than one record found for external id field: [${[id, second, ...more].join(', ')}]`,
      )
    }
    values[column.field.name] = id
  }
  return null
}
