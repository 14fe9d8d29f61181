import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { makeId, recordNumber } from '../ids.ts'
import type { FieldDefinition, FieldValue, ObjectDefinition } from '../schema/field.ts'
import { keyColumn, keyFields, recordTable, valueExpression } from './database.ts'

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
  insert(object: ObjectDefinition, fields: RecordFields, stamp: Stamp): string
  /** Inserts a record under a number of the caller's choice. */
  restore(object: ObjectDefinition, fields: RecordFields, n: number, stamp: Stamp): void
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

interface Statements {
  readonly get: StatementSync
  readonly insert: StatementSync
  readonly update: StatementSync
  readonly setDeleted: StatementSync
  readonly remove: StatementSync
  readonly count: StatementSync
  readonly page: StatementSync
  readonly withKey: ReadonlyMap<string, StatementSync>
  readonly byLookup: Map<string, StatementSync>
  readonly keys: readonly FieldDefinition[]
}

export function createRecordStore(database: DatabaseSync): RecordStore {
  const prepared = new WeakMap<ObjectDefinition, Statements>()
  const sequences = new Map<string, number>()
  let transactions = 0
  const readSequence = database.prepare('SELECT last FROM sequence WHERE name = ?')
  const writeSequence = database.prepare(
    `INSERT INTO sequence (name, last) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)`,
  )

  function statements(object: ObjectDefinition): Statements {
    const known = prepared.get(object)
    if (known !== undefined) return known
    const table = recordTable(object)
    const keys = keyFields(object)
    const columns = keys.map((field) => `, ${keyColumn(field)}`).join('')
    const places = keys.map(() => ', ?').join('')
    const sets = keys.map((field) => `, ${keyColumn(field)} = ?`).join('')
    const made: Statements = {
      get: database.prepare(`SELECT * FROM ${table} WHERE n = ?`),
      insert: database.prepare(
        `INSERT INTO ${table} (n, created, created_by, modified, modified_by, fields${columns})
         VALUES (?, ?, ?, ?, ?, ?${places})`,
      ),
      update: database.prepare(
        `UPDATE ${table} SET modified = ?, modified_by = ?, fields = ?${sets} WHERE n = ?`,
      ),
      setDeleted: database.prepare(
        `UPDATE ${table} SET deleted = ?, modified = ?, modified_by = ? WHERE n = ?`,
      ),
      remove: database.prepare(`DELETE FROM ${table} WHERE n = ?`),
      count: database.prepare(`SELECT count(*) AS n FROM ${table} WHERE deleted = 0`),
      page: database.prepare(`SELECT * FROM ${table} WHERE n > ? ORDER BY n LIMIT ?`),
      withKey: new Map(
        keys.map((field) => [
          field.name,
          database.prepare(
            `SELECT n FROM ${table} WHERE ${keyColumn(field)} = ? AND deleted = 0
             ${field.caseSensitive ? `AND ${valueExpression(field)} = ?` : ''} ORDER BY n LIMIT 10`,
          ),
        ]),
      ),
      byLookup: new Map(),
      keys,
    }
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

  function insertAs(
    object: ObjectDefinition,
    fields: RecordFields,
    n: number,
    { at, by }: Stamp,
  ): void {
    const { insert, keys } = statements(object)
    insert.run(n, at, by, at, by, JSON.stringify(fields), ...keyValues(keys, fields))
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
    insert(object, fields, stamp) {
      const n = nextOf(object.name)
      insertAs(object, fields, n, stamp)
      return makeId(object.keyPrefix, n)
    },
    restore(object, fields, n, stamp) {
      insertAs(object, fields, n, stamp)
      writeSequence.run(object.name, n)
    },
    update(object, n, fields, { at, by }) {
      const { update, keys } = statements(object)
      update.run(at, by, JSON.stringify(fields), ...keyValues(keys, fields), n)
    },
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
    nextNumberOf: (object, field) => nextOf(`${object.name}.${field.name}`),
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

/** Keys compare without case. */
export function keyOf(value: FieldValue): string | null {
  return value === null || value === '' ? null : String(value).toLowerCase()
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
