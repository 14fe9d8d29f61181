import type { BulkOperation } from '../contracts/bulk-job.ts'
import type { FieldDescribe } from '../contracts/metadata.ts'
import { columnIndex } from './column-fields.ts'

export interface KeyedJob {
  readonly operation: BulkOperation
  readonly externalIdField: string | null
  readonly correlationField: string | null
  /** The columns that are sent. */
  readonly columns: readonly string[]
}

/** Whether the operation finds its records by the column `Id`. */
export function isFoundById(operation: BulkOperation): boolean {
  return operation === 'update' || operation === 'delete' || operation === 'hard_delete'
}

/** Places of the columns that name a row, the best first. */
export function keyPlaces(job: KeyedJob, fields: readonly (FieldDescribe | null)[]): number[] {
  const { operation, columns, externalIdField, correlationField } = job
  if (isFoundById(operation)) return [columnIndex(columns, 'Id')].filter((place) => place >= 0)
  const named = operation === 'upsert' ? externalIdField : correlationField
  const places = named === null ? [] : [columnIndex(columns, named)]
  if (operation === 'insert') {
    for (const [place, field] of fields.entries()) if (field?.unique) places.push(place)
  }
  return [...new Set(places)].filter((place) => place >= 0)
}
