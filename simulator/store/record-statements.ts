import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import { keyColumn, keyFields, recordTable, valueExpression } from './database.ts'

/** What reads and writes the records of one object, prepared once. */
export interface RecordStatements {
  readonly get: StatementSync
  readonly insert: StatementSync
  readonly load: StatementSync
  readonly update: StatementSync
  readonly setDeleted: StatementSync
  readonly remove: StatementSync
  readonly count: StatementSync
  readonly page: StatementSync
  readonly withKey: ReadonlyMap<string, StatementSync>
  readonly byLookup: Map<string, StatementSync>
  readonly keys: readonly FieldDefinition[]
  readonly numbered: readonly FieldDefinition[]
}

export function prepareStatements(
  database: DatabaseSync,
  object: ObjectDefinition,
): RecordStatements {
  const table = recordTable(object)
  const keys = keyFields(object)
  const columns = keys.map((field) => `, ${keyColumn(field)}`).join('')
  const places = keys.map(() => ', ?').join('')
  const sets = keys.map((field) => `, ${keyColumn(field)} = ?`).join('')
  return {
    get: database.prepare(`SELECT * FROM ${table} WHERE n = ?`),
    insert: database.prepare(
      `INSERT INTO ${table} (n, created, created_by, modified, modified_by, fields${columns})
       VALUES (?, ?, ?, ?, ?, ?${places})`,
    ),
    load: database.prepare(
      `INSERT INTO ${table}
       (n, deleted, created, created_by, modified, modified_by, fields${columns})
       VALUES (?, ?, ?, ?, ?, ?, ?${places})`,
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
    numbered: object.fields.filter((field) => field.autoNumber !== null),
  }
}
