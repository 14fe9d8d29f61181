import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSchema } from '../schema/schema.ts'
import { openDatabase } from '../store/database.ts'
import { createRecordStore } from '../store/record-store.ts'
import { createRecordWriter } from '../store/record-writer.ts'
import type { RowError } from '../values/row-error.ts'
import { createConfiguredRules } from './configured-rules.ts'
import { duplicateResult } from './duplicate-result.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulator-duplicates-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('an alert lets those save who ask for it, a block nobody but the org itself', () => {
  const schema = createSchema()
  const database = openDatabase({ path: join(folder, 'org.sqlite'), durable: false }, schema, 0)
  const rules = createConfiguredRules(database, schema)
  const store = createRecordStore(database)
  const writer = createRecordWriter({ schema, store, rules: rules.book, observers: [] })
  const product = schema.object('Product2')
  if (product === null) throw new Error('no Product2')
  const same = { kind: 'duplicate', object: 'Product2', message: 'Twice', active: true } as const
  rules.add({ ...same, name: 'code', fields: ['ProductCode'], action: 'alert' })
  rules.add({ ...same, name: 'name', fields: ['Name', 'IsActive'], action: 'block' })
  rules.load()

  const save = (
    values: Record<string, string | boolean>,
    context: { allowDuplicates?: boolean; source?: 'org' | 'bulk' } = {},
  ): string => {
    const stamp = { at: 1_000, by: 1 }
    const result = writer.insert(product, values, { source: 'rest', ...context, stamp })
    if (!result.ok) last = result.error
    return result.ok ? 'saved' : result.error.code
  }
  let last: RowError | null = null
  expect(save({ Name: 'One', ProductCode: 'A' })).toBe('saved')
  expect(save({ Name: 'Two', ProductCode: 'a' })).toBe('DUPLICATES_DETECTED')
  expect(last).toMatchObject({ duplicate: { rule: 'code', allowSave: true, object: 'Product2' } })
  expect(save({ Name: 'Two', ProductCode: 'a' }, { allowDuplicates: true })).toBe('saved')
  expect(save({ Name: 'ONE' }, { allowDuplicates: true })).toBe('DUPLICATES_DETECTED')
  expect(save({ Name: 'one', IsActive: true })).toBe('saved')
  expect(save({ Name: 'One' }, { source: 'org' })).toBe('saved')
  database.close()

  const again = openDatabase({ path: join(folder, 'org.sqlite'), durable: false }, schema, 0)
  const kept = createConfiguredRules(again, schema)
  expect(kept.list().map((rule) => rule.name)).toEqual(['code', 'name'])
  expect(kept.book(product)).toHaveLength(2)
  again.close()
})

test('REST names the record that it is a duplicate of', () => {
  const match = { rule: 'r', object: 'Lead', allowSave: false, message: 'Twice', id: '00Q1' }
  expect(duplicateResult(match, 64)).toMatchObject({
    duplicateResut: {
      duplicateRule: 'r',
      matchResults: [
        {
          entityType: 'Lead',
          matchRecords: [
            {
              record: {
                Id: '00Q1',
                attributes: { url: '/services/data/v64.0/sobjects/Lead/00Q1' },
              },
            },
          ],
        },
      ],
    },
  })
})
