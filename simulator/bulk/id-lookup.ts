import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { canonicalId, keyPrefixOf, makeId } from '../ids.ts'
import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import { keyFields, recordTable, transaction, valueExpression } from '../store/database.ts'
import type { RecordStore } from '../store/record-store.ts'

/** Whether a record can be named by this field: external ids, and what describe marks `idLookup`. */
export function isIdLookup(object: ObjectDefinition, field: FieldDefinition): boolean {
  if (field.externalId || field.unique || field.system === 'id') return true
  return (
    field.type === 'email' ||
    (field.nameField && !object.personName) ||
    (object.name === 'User' && field.name === 'Username')
  )
}

/** Finds the records that a value of a relationship column names. */
export interface IdLookup {
  /** Makes the index that a field needs. Must run outside a transaction, before it is looked up by. */
  prepare(object: ObjectDefinition, field: FieldDefinition): void
  /** Ids of live records that carry the value, at most ten. */
  find(object: ObjectDefinition, field: FieldDefinition, value: string): string[]
}

export function createIdLookup(database: DatabaseSync, store: RecordStore): IdLookup {
  const prepared = new WeakMap<ObjectDefinition, Map<string, StatementSync>>()

  function statement(object: ObjectDefinition, field: FieldDefinition): StatementSync {
    const known = prepared.get(object) ?? new Map<string, StatementSync>()
    prepared.set(object, known)
    const found = known.get(field.name)
    if (found !== undefined) return found
    const made = database.prepare(
      `SELECT n FROM ${recordTable(object)}
       WHERE key_of(${valueExpression(field)}) = key_of(?) AND deleted = 0 ORDER BY n LIMIT 10`,
    )
    known.set(field.name, made)
    return made
  }

  const isKey = (object: ObjectDefinition, field: FieldDefinition): boolean =>
    keyFields(object).includes(field)

  return {
    prepare(object, field) {
      if (field.system === 'id' || isKey(object, field)) return
      // Without it each row would read the whole table.
      transaction(database, () =>
        database.exec(
          `CREATE INDEX IF NOT EXISTS "idlookup_${object.name}_${field.name}"
           ON ${recordTable(object)} (key_of(${valueExpression(field)}))`,
        ),
      )
    },
    find(object, field, value) {
      if (field.system === 'id') {
        const id = canonicalId(value)
        if (id === null || keyPrefixOf(id) !== object.keyPrefix) return []
        return store.get(object, id)?.deleted === false ? [id] : []
      }
      const numbers = isKey(object, field)
        ? store.withKey(object, field.name, value)
        : statement(object, field)
            .all(value)
            .map((row) => Number(row['n']))
      return numbers.map((n) => makeId(object.keyPrefix, n))
    },
  }
}
