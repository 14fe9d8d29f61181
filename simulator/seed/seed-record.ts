import type { Schema } from '../schema/schema.ts'
import type { RecordFields, RecordStore } from '../store/record-store.ts'

/** A record of a new org, as it is stored: nothing is checked or derived. */
export interface SeedRecord {
  readonly object: string
  /** The record's number: its id is `makeId(keyPrefix, n)`, so that records can name each other. */
  readonly n: number
  /** Values as the store keeps them, the name of a person and other derived values included. */
  readonly fields: RecordFields
  /** Milliseconds since 1970. */
  readonly created: number
  readonly modified: number
  /** Numbers of User records. */
  readonly createdBy: number
  readonly modifiedBy?: number
  readonly deleted?: boolean
}

/** Puts records into the store. Must run inside a transaction. */
export function loadRecords(
  schema: Schema,
  store: RecordStore,
  records: Iterable<SeedRecord>,
): void {
  for (const record of records) {
    const object = schema.object(record.object)
    if (object === null) throw new Error(`a seed record is of the unknown object ${record.object}`)
    const { n, fields, created, createdBy, modified } = record
    const modifiedBy = record.modifiedBy ?? createdBy
    const deleted = record.deleted ?? false
    store.load(object, { n, deleted, created, createdBy, modified, modifiedBy, fields })
  }
  store.endLoad()
}
