import type { ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import type { RecordFields, RecordStore, Stamp, StoredRecord } from '../store/record-store.ts'
import type { RecordWriter } from '../store/record-writer.ts'
import type { RowError } from '../values/row-error.ts'

/** Where a write comes from. `org` is the org itself: what its rules make, and its seed. */
export type WriteSource = 'rest' | 'bulk' | 'org'

/** Who writes, when, and by which way. */
export interface WriteContext {
  readonly stamp: Stamp
  readonly source: WriteSource
  /** The caller asks to save although a duplicate rule objects (`Sforce-Duplicate-Rule-Header`). */
  readonly allowDuplicates?: boolean
}

/** A record about to be stored. */
export interface PendingChange {
  readonly kind: 'created' | 'updated'
  readonly object: ObjectDefinition
  /** The record's number; 0 for a record that is being made. */
  readonly n: number
  /** `null` for a record that is being made. */
  readonly before: RecordFields | null
  /** What the caller wrote, coerced; `null` clears. */
  readonly given: Readonly<RecordFields>
  /** The whole record as it will be stored; rules may change it. */
  readonly after: RecordFields
  readonly context: WriteContext
}

/** A change that is stored, inside the transaction that stores it. */
export interface SavedChange {
  readonly kind: 'created' | 'updated' | 'deleted' | 'undeleted'
  readonly object: ObjectDefinition
  readonly n: number
  readonly id: string
  /** `null` for a record that was made. */
  readonly before: Readonly<RecordFields> | null
  /** What is stored now; of a deleted record, what was stored last. */
  readonly after: Readonly<RecordFields>
  readonly context: WriteContext
}

/** What rules may look at and do. */
export interface RuleScope {
  readonly schema: Schema
  readonly store: RecordStore
  /** For what the org writes because of a change; its own rules and observers see that too. */
  readonly writer: RecordWriter
}

/** What is special about an object: the rules that Salesforce itself keeps for it. */
export interface ObjectRules {
  /** Derives values in `after`, before required fields and lookups are checked; may refuse. */
  readonly derive?: (change: PendingChange, scope: RuleScope) => RowError | null
  /** Refuses what administrators forbid, after all values are known. */
  readonly validate?: (change: PendingChange, scope: RuleScope) => RowError | null
  /** Refuses a delete; asked only where something hangs on the record. */
  readonly removable?: (
    object: ObjectDefinition,
    record: StoredRecord,
    scope: RuleScope,
  ) => RowError | null
  /** What else the org writes because of the change. */
  readonly saved?: (change: SavedChange, scope: RuleScope) => void
}

/** Rules by the object's name. */
export type RuleBook = (object: ObjectDefinition) => readonly ObjectRules[]

/** Told of every stored change, in its transaction: what pushes and locks are made of. */
export type ChangeObserver = (change: SavedChange) => void
