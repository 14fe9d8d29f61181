import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { text } from '../schema/field-builders.ts'
import { createSchema } from '../schema/schema.ts'
import { createRecordTable, openDatabase, savepoint, transaction } from './database.ts'
import { createDefinitionStore } from './definition-store.ts'
import { createRecordStore } from './record-store.ts'

const STAMP = { at: 1_000, by: 1 }
let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulator-database-'))
  path = join(folder, 'org.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (schema = createSchema()) => openDatabase({ path, durable: false }, schema, 0)

function accountOf(schema = createSchema()) {
  const account = schema.object('Account')
  if (account === null) throw new Error('no Account')
  return account
}

test('a file of another release is refused and left as it is', () => {
  const other = new DatabaseSync(path)
  other.exec('CREATE TABLE session (token TEXT)')
  other.close()
  expect(() => open()).toThrow(/another release.*Delete it/)
  const again = new DatabaseSync(path)
  const tables = again.prepare('SELECT name FROM sqlite_schema').all()
  again.close()
  expect(tables).toEqual([{ name: 'session' }])
})

test('a savepoint undoes its own writes and no others', () => {
  const database = open()
  const store = createRecordStore(database)
  const account = accountOf()
  transaction(database, () => {
    store.restore(account, { Name: 'stays' }, 1, STAMP)
    expect(() =>
      savepoint(database, () => {
        store.restore(account, { Name: 'goes' }, 2, STAMP)
        throw new Error('refused')
      }),
    ).toThrow('refused')
  })
  expect(store.page(account, 0, 10).map((record) => record.fields['Name'])).toEqual(['stays'])
  database.close()
})

test('a key that is added later finds the records of before, after a restart too', () => {
  const schema = createSchema()
  const database = open(schema)
  const account = accountOf(schema)
  createRecordStore(database).restore(account, { Name: 'One', Site: 'A-1' }, 1, STAMP)
  const definitions = createDefinitionStore(database)
  const code = text('Code__c', 20, { unique: true, externalId: true })
  const at = Date.UTC(2026, 0, 1)
  definitions.save({ ...account, fields: [...account.fields, code] }, at)
  database.close()

  const later = createSchema()
  const reopened = open(later)
  createDefinitionStore(reopened).load(later)
  const changed = accountOf(later)
  expect(later.field(changed, 'code__C')).toMatchObject({ name: 'Code__c', externalId: true })
  expect(later.changed(changed)).toBe(at)
  expect(later.changed()).toBe(at)
  const store = createRecordStore(reopened)
  store.update(changed, 1, { Name: 'One', Code__c: 'xY' }, STAMP)
  expect(store.withKey(changed, 'Code__c', 'XY')).toEqual([1])
  reopened.close()
})

test('a field that becomes a key finds what it held before, in any case of any letter', () => {
  const account = accountOf()
  const database = open()
  createRecordStore(database).restore(account, { Name: 'One', Site: 'Ärger' }, 1, STAMP)
  const keyed = {
    ...account,
    fields: account.fields.map((field) =>
      field.name === 'Site' ? { ...field, externalId: true } : field,
    ),
  }
  createRecordTable(database, keyed)
  expect(createRecordStore(database).withKey(keyed, 'Site', 'äRGER')).toEqual([1])
  database.close()
})
