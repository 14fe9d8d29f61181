import type { DatabaseSync } from 'node:sqlite'
import type { Schema } from '../schema/schema.ts'
import type { ConfiguredRule, StoredRule } from './configured-rule.ts'
import { createDuplicateFinder, duplicateIndex } from './duplicate-rule.ts'
import type { ObjectRules, RuleBook } from './object-rules.ts'
import { standardRules } from './standard-rules.ts'
import { validationRefusal } from './validation-rule.ts'

/** Validation and duplicate rules that administrators set while the org runs. */
export interface ConfiguredRules {
  /** The rules of every org and the configured ones. */
  readonly book: RuleBook
  list(): readonly StoredRule[]
  /** Must run inside a transaction. */
  add(rule: ConfiguredRule): StoredRule
  /** Whether there was such a rule. Must run inside a transaction. */
  remove(id: number): boolean
  /** Must run inside a transaction. */
  clear(): void
  /** Reads the rules again: another thread may have changed them. */
  load(): void
}

export function createConfiguredRules(database: DatabaseSync, schema: Schema): ConfiguredRules {
  database.exec(
    'CREATE TABLE IF NOT EXISTS configured_rule (id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL) STRICT',
  )
  const all = database.prepare('SELECT id, rule FROM configured_rule ORDER BY id')
  const insert = database.prepare('INSERT INTO configured_rule (rule) VALUES (?)')
  const removeOne = database.prepare('DELETE FROM configured_rule WHERE id = ?')
  const finder = createDuplicateFinder(database, schema)
  let stored: readonly StoredRule[] = []
  let byObject = new Map<string, readonly ObjectRules[]>()

  function load(): void {
    stored = all.all().map((row) => {
      // This table is written by this module alone, from ConfiguredRule.
      const rule = JSON.parse(String(row['rule'])) as ConfiguredRule
      return { ...rule, id: Number(row['id']) }
    })
    const configured = new Map<string, ObjectRules[]>()
    for (const rule of stored) {
      if (!rule.active) continue
      const object = schema.object(rule.object)
      if (object === null) continue
      const rules = configured.get(object.name) ?? []
      rules.push(asObjectRules(rule))
      configured.set(object.name, rules)
    }
    byObject = new Map(
      [...configured].map(([name, rules]) => {
        const object = schema.object(name)
        return [name, object === null ? rules : [...standardRules(object), ...rules]]
      }),
    )
  }

  function asObjectRules(rule: StoredRule): ObjectRules {
    switch (rule.kind) {
      case 'validation':
        return { validate: (change) => validationRefusal(rule, change) }
      case 'duplicate':
        return { validate: (change) => finder.refusal(rule, change) }
    }
  }

  load()
  return {
    book: (object) => byObject.get(object.name) ?? standardRules(object),
    list: () => stored,
    add(rule) {
      const { lastInsertRowid } = insert.run(JSON.stringify(rule))
      const added: StoredRule = { ...rule, id: Number(lastInsertRowid) }
      const index = added.kind === 'duplicate' ? duplicateIndex(added, schema) : null
      if (index !== null) database.exec(index)
      return added
    },
    remove(id) {
      database.exec(`DROP INDEX IF EXISTS "duplicate_rule_${id}"`)
      return removeOne.run(id).changes === 1
    },
    clear() {
      for (const { id } of stored) database.exec(`DROP INDEX IF EXISTS "duplicate_rule_${id}"`)
      database.exec('DELETE FROM configured_rule')
    },
    load,
  }
}
