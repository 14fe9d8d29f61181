import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { makeId, recordNumber } from '../ids.ts'
import type { FieldValue, ObjectDefinition } from '../schema/field.ts'
import { keyColumn, keyFields, recordTable } from './database.ts'

/** A record's own data by field name, without the system fields. */
export type RecordFields = Record<string, FieldValue>

/** A record as it is stored; `created` and `modified` in milliseconds since 1970. */
export interface StoredRecord {
  readonly n: number
  readonly deleted: boolean
  readonly created: number
  readonly modified: number
  readonly fields: RecordFields
}

/** Reads and writes records. Checks nothing: that is the record writer's work. */
export interface RecordStore {
  get(object: ObjectDefinition, id: string): StoredRecord | null
  /** Record numbers that carry this key, deleted ones left out. The case does not matter. */
  withKey(object: ObjectDefinition, fieldName: string, value: FieldValue): number[]
  insert(object: ObjectDefinition, fields: RecordFields, now: number): string
  /** Inserts a record under a number of the caller's choice. */
  restore(object: ObjectDefinition, fields: RecordFields, n: number, now: number): void
  update(object: ObjectDefinition, n: number, fields: RecordFields, now: number): void
  softDelete(object: ObjectDefinition, n: number, now: number): void
  remove(object: ObjectDefinition, n: number): void
  count(object: ObjectDefinition): number
  /** Records numbered above `after`, in order, deleted ones too: pages of an export. */
  page(object: ObjectDefinition, after: number, limit: number): StoredRecord[]
  /** Must be called before each transaction that inserts: another thread may have inserted too. */
  beginTransaction(): void
  /** Must be called before each commit: it stores the last record numbers given out. */
  endTransaction(): void
}

interface Statements {
  readonly get: StatementSync
  readonly insert: StatementSync
  readonly update: StatementSync
  readonly softDelete: StatementSync
  readonly remove: StatementSync
  readonly count: StatementSync
  readonly page: StatementSync
  readonly withKey: ReadonlyMap<string, StatementSync>
  readonly keys: readonly string[]
}

export function createRecordStore(database: DatabaseSync): RecordStore {
  const prepared = new Map<string, Statements>()
  const sequences = new Map<string, number>()
  const readSequence = database.prepare('SELECT last FROM sequence WHERE name = ?')
  const writeSequence = database.prepare(
    `INSERT INTO sequence (name, last) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)`,
  )

  function statements(object: ObjectDefinition): Statements {
    const known = prepared.get(object.name)
    if (known !== undefined) return known
    const table = recordTable(object)
    const keys = keyFields(object)
    const columns = keys.map((field) => `, ${keyColumn(field)}`).join('')
    const places = keys.map(() => ', ?').join('')
    const sets = keys.map((field) => `, ${keyColumn(field)} = ?`).join('')
    const made: Statements = {
      get: database.prepare(`SELECT * FROM ${table} WHERE n = ?`),
      insert: database.prepare(
        `INSERT INTO ${table} (n, created, modified, fields${columns}) VALUES (?, ?, ?, ?${places})`,
      ),
      update: database.prepare(`UPDATE ${table} SET modified = ?, fields = ?${sets} WHERE n = ?`),
      softDelete: database.prepare(`UPDATE ${table} SET deleted = 1, modified = ? WHERE n = ?`),
      remove: database.prepare(`DELETE FROM ${table} WHERE n = ?`),
      count: database.prepare(`SELECT count(*) AS n FROM ${table} WHERE deleted = 0`),
      page: database.prepare(`SELECT * FROM ${table} WHERE n > ? ORDER BY n LIMIT ?`),
      withKey: new Map(
        keys.map((field) => [
          field.name,
          database.prepare(
            `SELECT n FROM ${table} WHERE ${keyColumn(field)} = ? AND deleted = 0 ORDER BY n LIMIT 10`,
          ),
        ]),
      ),
      keys: keys.map((field) => field.name),
    }
    prepared.set(object.name, made)
    return made
  }

  function nextNumber(object: ObjectDefinition): number {
    const last = sequences.get(object.name) ?? Number(readSequence.get(object.name)?.['last'] ?? 0)
    sequences.set(object.name, last + 1)
    return last + 1
  }

  const keyValues = (keys: readonly string[], fields: RecordFields): SQLInputValue[] =>
    keys.map((name) => keyOf(fields[name] ?? null))

  return {
    get(object, id) {
      const n = recordNumber(id)
      const row = n === null ? undefined : statements(object).get.get(n)
      return row === undefined ? null : toRecord(row)
    },
    withKey(object, fieldName, value) {
      const statement = statements(object).withKey.get(fieldName)
      const key = keyOf(value)
      if (statement === undefined || key === null) return []
      return statement.all(key).map((row) => Number(row['n']))
    },
    insert(object, fields, now) {
      const { insert, keys } = statements(object)
      const n = nextNumber(object)
      insert.run(n, now, now, JSON.stringify(fields), ...keyValues(keys, fields))
      return makeId(object.keyPrefix, n)
    },
    restore(object, fields, n, now) {
      const { insert, keys } = statements(object)
      insert.run(n, now, now, JSON.stringify(fields), ...keyValues(keys, fields))
      writeSequence.run(object.name, n)
    },
    update(object, n, fields, now) {
      const { update, keys } = statements(object)
      update.run(now, JSON.stringify(fields), ...keyValues(keys, fields), n)
    },
    softDelete(object, n, now) {
      statements(object).softDelete.run(now, n)
    },
    remove(object, n) {
      statements(object).remove.run(n)
    },
    count: (object) => Number(statements(object).count.get()?.['n'] ?? 0),
    page: (object, after, limit) => statements(object).page.all(after, limit).map(toRecord),
    beginTransaction() {
      sequences.clear()
    },
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
    modified: Number(row['modified']),
    // This table's `fields` is written by this module alone, from RecordFields.
    fields: JSON.parse(String(row['fields'])) as RecordFields,
  }
}
