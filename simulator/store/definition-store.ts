import type { DatabaseSync } from 'node:sqlite'
import { isCustom, type ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { createRecordTable, recordTable } from './database.ts'

/** Objects that were added or changed while the org ran. */
export interface DefinitionStore {
  /** Brings a schema to what is stored, and the tables with it. Each thread has a schema of its own. */
  load(schema: Schema): void
  /** Stores a new or changed object. Must run inside a transaction. */
  save(object: ObjectDefinition, at: number): void
  clear(): void
}

export function createDefinitionStore(database: DatabaseSync): DefinitionStore {
  const all = database.prepare(
    // In the order in which they came: list views and layouts are numbered by it.
    'SELECT definition, changed FROM definition ORDER BY rowid',
  )
  const put = database.prepare(
    `INSERT INTO definition VALUES (?, ?, ?)
     ON CONFLICT (object) DO UPDATE SET definition = excluded.definition, changed = excluded.changed`,
  )
  const clear = database.prepare('DELETE FROM definition')
  return {
    load(schema) {
      schema.clear()
      for (const row of all.all()) {
        // This table is written by this module alone, from ObjectDefinition.
        const stored = JSON.parse(String(row['definition'])) as ObjectDefinition
        schema.define(withStandardFields(schema, stored), Number(row['changed']))
      }
    },
    save(object, at) {
      createRecordTable(database, object)
      fillCheckboxes(database, object)
      put.run(object.name, JSON.stringify(object), at)
    },
    clear: () => void clear.run(),
  }
}

/** Of a standard object only what was added or changed is taken from the store: a release may have changed the rest. */
function withStandardFields(schema: Schema, stored: ObjectDefinition): ObjectDefinition {
  const standard = schema.object(stored.name)
  if (standard === null) return stored
  const added = stored.fields.filter((field) => schema.field(standard, field.name) === null)
  const revised = new Map(
    stored.fields.filter((field) => field.revised).map((field) => [field.name, field]),
  )
  const fields = standard.fields.map((field) => revised.get(field.name) ?? field)
  return { ...standard, fields: [...fields, ...added] }
}

/** A new checkbox is not ticked on the records of before, but never empty. */
function fillCheckboxes(database: DatabaseSync, object: ObjectDefinition): void {
  for (const field of object.fields) {
    if (field.type !== 'boolean' || field.system !== null || !isCustom(field.name)) continue
    const value = field.defaultValue === true ? 'true' : 'false'
    database.exec(`UPDATE ${recordTable(object)}
      SET fields = json_set(fields, '$.${field.name}', json('${value}'))
      WHERE json_type(fields, '$.${field.name}') IS NULL`)
  }
}
