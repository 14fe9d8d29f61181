import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { makeId } from '../ids.ts'
import type { FieldValue, ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { recordTable, valueExpression } from '../store/database.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import type { DuplicateRule } from './configured-rule.ts'
import type { PendingChange } from './object-rules.ts'
import { isChanged } from './set-value.ts'

/** Finds records that a duplicate rule takes for the same as the one to be saved. */
export interface DuplicateFinder {
  refusal(rule: DuplicateRule & { readonly id: number }, change: PendingChange): RowError | null
}

function columns(rule: DuplicateRule, schema: Schema, object: ObjectDefinition): string[] {
  return rule.fields.map((name) => {
    const field = schema.field(object, name)
    if (field === null) throw new Error(`${object.name} has no ${name}`)
    return `lower(${valueExpression(field)})`
  })
}

/** A value as the store's own functions read it. */
function compared(value: FieldValue): string {
  return typeof value === 'boolean' ? String(Number(value)) : String(value)
}

export function createDuplicateFinder(database: DatabaseSync, schema: Schema): DuplicateFinder {
  const prepared = new WeakMap<ObjectDefinition, Map<number, StatementSync>>()

  function statement(rule: DuplicateRule & { readonly id: number }, object: ObjectDefinition) {
    const known = prepared.get(object) ?? new Map<number, StatementSync>()
    prepared.set(object, known)
    const found = known.get(rule.id)
    if (found !== undefined) return found
    const alike = columns(rule, schema, object).map((column) => `${column} = lower(?)`)
    const made = database.prepare(
      `SELECT n FROM ${recordTable(object)}
       WHERE ${alike.join(' AND ')} AND n <> ? AND deleted = 0 LIMIT 1`,
    )
    known.set(rule.id, made)
    return made
  }

  return {
    refusal(rule, change) {
      const { object, before, after, context } = change
      if (rule.action === 'alert' && context.allowDuplicates === true) return null
      const values = rule.fields.map((name) => after[name] ?? null)
      if (values.some((value) => value === null)) return null
      if (!rule.fields.some((name) => isChanged(before, after, name))) return null
      const found = statement(rule, object).get(...values.map(compared), change.n)
      if (found === undefined) return null
      return {
        ...rowError('DUPLICATES_DETECTED', rule.message),
        duplicate: {
          rule: rule.name,
          object: object.name,
          allowSave: rule.action === 'alert',
          message: rule.message,
          id: makeId(object.keyPrefix, Number(found['n'])),
        },
      }
    },
  }
}

/** The statement that makes a rule's look quick. */
export function duplicateIndex(
  rule: DuplicateRule & { readonly id: number },
  schema: Schema,
): string | null {
  const object = schema.object(rule.object)
  if (object === null) return null
  return `CREATE INDEX IF NOT EXISTS "duplicate_rule_${rule.id}"
    ON ${recordTable(object)} (${columns(rule, schema, object).join(', ')}) WHERE deleted = 0`
}
