import type { DatabaseSync } from 'node:sqlite'
import type { ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { createRecordTable } from './database.ts'

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
    'SELECT definition, changed FROM definition ORDER BY changed, object',
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
      put.run(object.name, JSON.stringify(object), at)
    },
    clear: () => void clear.run(),
  }
}

/** Of a standard object only what was added is taken from the store: a release may have changed the rest. */
function withStandardFields(schema: Schema, stored: ObjectDefinition): ObjectDefinition {
  const standard = schema.object(stored.name)
  if (standard === null) return stored
  const added = stored.fields.filter((field) => schema.field(standard, field.name) === null)
  return { ...standard, fields: [...standard.fields, ...added] }
}
