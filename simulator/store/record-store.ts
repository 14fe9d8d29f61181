import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { makeId, recordNumber } from '../ids.ts'
import type { FieldDefinition, FieldValue, ObjectDefinition } from '../schema/field.ts'
import type { ChildRelationship, Schema } from '../schema/schema.ts'
import { createClearedLookups } from './cleared-lookups.ts'
import { recordTable, valueExpression } from './database.ts'
import { keyOf } from './key-of.ts'
import { prepareStatements, type RecordStatements } from './record-statements.ts'

/** A record's own data by field name, without the system fields. */
export type RecordFields = Record<string, FieldValue>

/** Who writes, as the number of a User record, and when, in milliseconds since 1970. */
export interface Stamp {
  readonly at: number
  readonly by: number
}

/** A record as it is stored; times in milliseconds since 1970, users by their record number. */
export interface StoredRecord {
  readonly n: number
  readonly deleted: boolean
  readonly created: number
  readonly createdBy: number
  readonly modified: number
  readonly modifiedBy: number
  readonly fields: RecordFields
}

/** Reads and writes records. Checks nothing: that is the record writer's work. */
export interface RecordStore {
  get(object: ObjectDefinition, id: string): StoredRecord | null
  byNumber(object: ObjectDefinition, n: number): StoredRecord | null
  /** Record numbers that carry this key, deleted ones left out. Case matters where the field says so. */
  withKey(object: ObjectDefinition, fieldName: string, value: FieldValue): number[]
  /** Live records whose lookup points to this id. */
  childrenOf(object: ObjectDefinition, field: FieldDefinition, parentId: string): StoredRecord[]
  /** Whether any of these lookups of a live record points to this id: one look for them all. */
  hasChildren(relations: readonly ChildRelationship[], parentId: string): boolean
  /** Records in the recycle bin, deleted at a moment, whose lookup points to this id. */
  deletedChildrenOf(
    object: ObjectDefinition,
    field: FieldDefinition,
    parentId: string,
    at: number,
  ): StoredRecord[]
  /** Empties a lookup whose record is being deleted, and remembers it. */
  clearLookup(
    object: ObjectDefinition,
    record: StoredRecord,
    field: FieldDefinition,
    stamp: Stamp,
  ): void
  /** Fills the lookups that the delete of this record emptied, where they are still empty. */
  restoreLookups(schema: Schema, parentId: string, stamp: Stamp): void
  insert(object: ObjectDefinition, fields: RecordFields, stamp: Stamp): string
  /** Inserts a record under a number of the caller's choice. */
  restore(object: ObjectDefinition, fields: RecordFields, n: number, stamp: Stamp): void
  /** Inserts a record just as it is. `endLoad` must follow before other records are inserted. */
  load(object: ObjectDefinition, record: StoredRecord): void
  /** Lets the numbers of new records begin after those of the loaded ones. */
  endLoad(): void
  update(object: ObjectDefinition, n: number, fields: RecordFields, stamp: Stamp): void
  softDelete(object: ObjectDefinition, n: number, stamp: Stamp): void
  /** Takes a record back out of the recycle bin. */
  undelete(object: ObjectDefinition, n: number, stamp: Stamp): void
  remove(object: ObjectDefinition, n: number): void
  count(object: ObjectDefinition): number
  /** Records numbered above `after`, in order, deleted ones too: pages of an export. */
  page(object: ObjectDefinition, after: number, limit: number): StoredRecord[]
  /** The next value of an auto-number field. */
  nextNumberOf(object: ObjectDefinition, field: FieldDefinition): number
  /** Must be called before each transaction that writes: another thread may have inserted too. */
  beginTransaction(): void
  /** Differs from one transaction to the next. */
  transactionNumber(): number
  /** Must be called before each commit: it stores the last numbers given out. */
  endTransaction(): void
}

export function createRecordStore(database: DatabaseSync): RecordStore {
  const prepared = new WeakMap<ObjectDefinition, RecordStatements>()
  const anyChild = new WeakMap<readonly ChildRelationship[], StatementSync>()
  const cleared = createClearedLookups(database)
  const sequences = new Map<string, number>()
  let transactions = 0
  const loaded = new Map<string, number>()
  const readSequence = database.prepare('SELECT last FROM sequence WHERE name = ?')
  const writeSequence = database.prepare(
    `INSERT INTO sequence (name, last) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)`,
  )

  function statements(object: ObjectDefinition): RecordStatements {
    const known = prepared.get(object)
    if (known !== undefined) return known
    const made = prepareStatements(database, object)
    prepared.set(object, made)
    return made
  }

  function lookupStatement(object: ObjectDefinition, field: FieldDefinition): StatementSync {
    const { byLookup } = statements(object)
    const known = byLookup.get(field.name)
    if (known !== undefined) return known
    const made = database.prepare(
      `SELECT * FROM ${recordTable(object)}
       WHERE ${valueExpression(field)} = ? AND deleted = 0 ORDER BY n`,
    )
    byLookup.set(field.name, made)
    return made
  }

  function anyChildStatement(relations: readonly ChildRelationship[]): StatementSync {
    const known = anyChild.get(relations)
    if (known !== undefined) return known
    const looks = relations.map(
      ({ child, field }) =>
        `EXISTS (SELECT 1 FROM ${recordTable(child)} WHERE ${valueExpression(field)} = ?1 AND deleted = 0)`,
    )
    const made = database.prepare(`SELECT ${looks.join(' OR ')} AS found`)
    anyChild.set(relations, made)
    return made
  }

  function nextOf(name: string): number {
    const last = sequences.get(name) ?? Number(readSequence.get(name)?.['last'] ?? 0)
    sequences.set(name, last + 1)
    return last + 1
  }

  const keyValues = (keys: readonly FieldDefinition[], fields: RecordFields): SQLInputValue[] =>
    keys.map((field) => keyOf(fields[field.name] ?? null))

  const read = (object: ObjectDefinition, n: number): StoredRecord | null => {
    const row = statements(object).get.get(n)
    return row === undefined ? null : toRecord(row)
  }

  function load(object: ObjectDefinition, record: StoredRecord): void {
    const { load: statement, keys, numbered } = statements(object)
    const { n, deleted, created, createdBy, modified, modifiedBy, fields } = record
    const own = [n, deleted ? 1 : 0, created, createdBy, modified, modifiedBy]
    statement.run(...own, JSON.stringify(fields), ...keyValues(keys, fields))
    raise(object.name, n)
    for (const field of numbered) {
      // `CASE-0012` counts on from 12.
      const last = Number(/\d+/.exec(String(fields[field.name] ?? ''))?.[0] ?? 0)
      raise(sequenceOf(object, field), last)
    }
  }

  function raise(name: string, n: number): void {
    if (n > (loaded.get(name) ?? 0)) loaded.set(name, n)
  }

  function endLoad(): void {
    for (const [name, last] of loaded) writeSequence.run(name, last)
    loaded.clear()
  }

  function update(
    object: ObjectDefinition,
    n: number,
    fields: RecordFields,
    { at, by }: Stamp,
  ): void {
    const { update: statement, keys } = statements(object)
    statement.run(at, by, JSON.stringify(fields), ...keyValues(keys, fields), n)
  }

  return {
    get(object, id) {
      const n = recordNumber(id)
      return n === null ? null : read(object, n)
    },
    byNumber: read,
    withKey(object, fieldName, value) {
      const { withKey, keys } = statements(object)
      const statement = withKey.get(fieldName)
      const key = keyOf(value)
      if (statement === undefined || key === null) return []
      const exact = keys.find((field) => field.name === fieldName)?.caseSensitive ?? false
      const rows = exact ? statement.all(key, String(value)) : statement.all(key)
      return rows.map((row) => Number(row['n']))
    },
    childrenOf: (object, field, parentId) =>
      lookupStatement(object, field).all(parentId).map(toRecord),
    hasChildren: (relations, parentId) =>
      relations.length > 0 && anyChildStatement(relations).get(parentId)?.['found'] === 1,
    deletedChildrenOf: (object, field, parentId, at) =>
      database
        .prepare(
          `SELECT * FROM ${recordTable(object)}
           WHERE ${valueExpression(field)} = ? AND deleted = 1 AND modified = ? ORDER BY n`,
        )
        .all(parentId, at)
        .map(toRecord),
    clearLookup(object, record, field, stamp) {
      // Read again: an earlier lookup of the same record may have been cleared just before.
      const { [field.name]: parent, ...others } = read(object, record.n)?.fields ?? {}
      if (typeof parent !== 'string') return
      cleared.add(parent, object.name, record.n, field.name)
      update(object, record.n, others, stamp)
    },
    restoreLookups(schema, parentId, stamp) {
      for (const { object: name, n, field } of cleared.take(parentId)) {
        const object = schema.object(name)
        const record = object === null ? null : read(object, n)
        if (object === null || record === null || (record.fields[field] ?? null) !== null) continue
        update(object, n, { ...record.fields, [field]: parentId }, stamp)
      }
    },
    insert(object, fields, stamp) {
      const n = nextOf(object.name)
      const { insert, keys } = statements(object)
      const { at, by } = stamp
      insert.run(n, at, by, at, by, JSON.stringify(fields), ...keyValues(keys, fields))
      return makeId(object.keyPrefix, n)
    },
    restore(object, fields, n, stamp) {
      const { at, by } = stamp
      const times = { created: at, createdBy: by, modified: at, modifiedBy: by }
      load(object, { n, deleted: false, ...times, fields })
      endLoad()
    },
    load,
    endLoad,
    update,
    softDelete(object, n, { at, by }) {
      statements(object).setDeleted.run(1, at, by, n)
    },
    undelete(object, n, { at, by }) {
      statements(object).setDeleted.run(0, at, by, n)
    },
    remove(object, n) {
      statements(object).remove.run(n)
    },
    count: (object) => Number(statements(object).count.get()?.['n'] ?? 0),
    page: (object, after, limit) => statements(object).page.all(after, limit).map(toRecord),
    nextNumberOf: (object, field) => nextOf(sequenceOf(object, field)),
    beginTransaction() {
      sequences.clear()
      transactions += 1
    },
    transactionNumber: () => transactions,
    endTransaction() {
      for (const [name, last] of sequences) writeSequence.run(name, last)
      sequences.clear()
    },
  }
}

function sequenceOf(object: ObjectDefinition, field: FieldDefinition): string {
  return `${object.name}.${field.name}`
}

function toRecord(row: Record<string, unknown>): StoredRecord {
  return {
    n: Number(row['n']),
    deleted: row['deleted'] === 1,
    created: Number(row['created']),
    createdBy: Number(row['created_by']),
    modified: Number(row['modified']),
    modifiedBy: Number(row['modified_by']),
    // This table's `fields` is written by this module alone, from RecordFields.
    fields: JSON.parse(String(row['fields'])) as RecordFields,
  }
}
