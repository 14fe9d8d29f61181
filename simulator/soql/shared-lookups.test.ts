import { describe, expect, test } from 'vitest'
import { makeId } from '../ids.ts'
import * as f from '../schema/field-builders.ts'
import { createSchema } from '../schema/schema.ts'
import { openDatabase, transaction } from '../store/database.ts'
import { createRecordStore, type RecordFields } from '../store/record-store.ts'
import { parseSoql } from './parse.ts'
import { planQuery } from './plan-query.ts'
import { contextOf } from './query-context.ts'
import { createQueryRunner } from './query-runner.ts'
import { readPage } from './read-page.ts'
import { SoqlError } from './soql-error.ts'

/** Remarks hang on books or boxes; a book has an address. */
const book = f.object('Book', 'b01', [
  f.text('Name', 80, { nameField: true }),
  f.text('Code', 20, { unique: true, externalId: true, caseSensitive: true }),
  f.integer('Pages'),
  f.lookup('BoxId', 'Box'),
  { ...f.text('PlaceAddress', 0), type: 'address' },
  ...f.address('Place'),
])
const box = f.object('Box', 'b02', [
  f.autoNumber('Number', '{0}', { nameField: true }),
  f.decimal('Weight', 18, 0),
])
const note = f.object('Remark', 'b03', [
  f.text('Text', 80),
  f.lookup('WhatId', ['Book', 'Box'], { childRelationshipName: 'Remarks' }),
])
const schema = createSchema([book, box, note])

function createOrg() {
  const database = openDatabase({ path: ':memory:', durable: false }, schema, 0)
  const store = createRecordStore(database)
  const stamp = { at: Date.UTC(2024, 0, 1), by: 1 }
  const put = (object: typeof book, n: number, fields: RecordFields): void =>
    store.restore(object, fields, n, stamp)
  transaction(database, () => {
    put(book, 1, {
      Name: 'Atlas',
      Code: 'a[1]_x',
      Pages: 300,
      BoxId: makeId('b02', 1),
      PlaceCity: 'Bonn',
      PlaceLatitude: 50.7,
    })
    put(book, 2, { Name: 'Novel', Code: 'A[1]yx' })
    put(box, 1, { Number: 'X-1', Weight: 123_456_789_012_345_680 })
    put(note, 1, { Text: 'on book', WhatId: makeId('b01', 1) })
    put(note, 2, { Text: 'on box', WhatId: makeId('b02', 1) })
    put(note, 3, { Text: 'on nothing' })
  })
  return (soql: string): unknown[] => {
    const context = contextOf(schema, store, { now: Date.now(), user: 1, withDeleted: false })
    const plan = planQuery(schema, parseSoql(soql), context)
    const runner = createQueryRunner(database)
    if (plan.kind === 'aggregate') return runner.groups(plan, context, 100)
    if (plan.kind === 'count') return [runner.count(plan)]
    const scope = { runner, schema, reader: context, version: 67, size: 100 }
    const page = { ...scope, moreChildren: () => '' }
    return [...readPage(plan, runner.numbers(plan), 0, page).records]
  }
}

describe('lookups that may lead to several objects', () => {
  const query = createOrg()

  test('give the fields that all records have, and their type', () => {
    expect(query('SELECT What.Name, What.Type, What.Id FROM Remark ORDER BY Id')).toMatchObject([
      {
        What: {
          attributes: {
            type: 'Name',
            url: `/services/data/v67.0/sobjects/Book/${makeId('b01', 1)}`,
          },
          Name: 'Atlas',
          Type: 'Book',
          Id: makeId('b01', 1),
        },
      },
      { What: { Name: 'X-1', Type: 'Box' } },
      { What: null },
    ])
    expect(() => query('SELECT What.Pages FROM Remark')).toThrow(
      "No such column 'Pages' on entity 'Name'",
    )
  })

  test.each([
    ["What.Type = 'Box'", ['on box']],
    ["What.Type IN ('book', 'Box')", ['on book', 'on box']],
    ["What.Name LIKE 'a%'", ['on book']],
    ['What.Name = null', ['on nothing']],
    [`WhatId = '${makeId('b02', 1)}'`, ['on box']],
    [`What.Id != '${makeId('b02', 1)}'`, ['on book', 'on nothing']],
    ['WhatId IN (SELECT Id FROM Book WHERE Pages > 1)', ['on book']],
  ])('%s', (where, texts) => {
    expect(query(`SELECT Text FROM Remark WHERE ${where} ORDER BY Id`)).toMatchObject(
      texts.map((text) => ({ Text: text })),
    )
  })

  test('TYPEOF selects by the object', () => {
    const soql =
      'SELECT Text, TYPEOF What WHEN Book THEN Name, Pages, Box.Number ELSE Id, Name END FROM Remark ORDER BY Id'
    expect(query(soql)).toMatchObject([
      {
        Text: 'on book',
        What: {
          attributes: { type: 'Book' },
          Name: 'Atlas',
          Pages: 300,
          Box: { Number: 'X-1' },
        },
      },
      { Text: 'on box', What: { attributes: { type: 'Box' }, Id: makeId('b02', 1), Name: 'X-1' } },
      { Text: 'on nothing', What: null },
    ])
    expect(
      query('SELECT TYPEOF What WHEN Box THEN Weight END FROM Remark ORDER BY Id'),
    ).toMatchObject([
      { What: null },
      // More digits than an integer of SQLite may have in JavaScript.
      { What: { Weight: 123_456_789_012_345_680 } },
      { What: null },
    ])
    expect(() =>
      query('SELECT toLabel(Text), TYPEOF What WHEN Box THEN Weight END FROM Remark'),
    ).toThrow('TYPEOF')
    expect(() => query('SELECT TYPEOF Owner WHEN Book THEN Name END FROM Remark')).toThrow(
      SoqlError,
    )
  })

  test('lead down to children of each object', () => {
    expect(query('SELECT Name, (SELECT Text FROM Remarks) FROM Book ORDER BY Id')).toMatchObject([
      { Name: 'Atlas', Remarks: { totalSize: 1, records: [{ Text: 'on book' }] } },
      { Name: 'Novel', Remarks: null },
    ])
  })

  test('can be grouped by', () => {
    expect(query('SELECT What.Type, COUNT(Id) n FROM Remark GROUP BY What.Type')).toMatchObject([
      { Type: null, n: 1 },
      { Type: 'Book', n: 1 },
      { Type: 'Box', n: 1 },
    ])
  })
})

describe('addresses', () => {
  const query = createOrg()

  test('are one value, or none where they are empty', () => {
    expect(query('SELECT PlaceAddress FROM Book ORDER BY Id')).toMatchObject([
      {
        PlaceAddress: {
          city: 'Bonn',
          country: null,
          geocodeAccuracy: null,
          latitude: 50.7,
          longitude: null,
          postalCode: null,
          state: null,
          street: null,
        },
      },
      { PlaceAddress: null },
    ])
  })

  test.each([
    ["SELECT Id FROM Book WHERE PlaceAddress = 'a'", 'can not be filtered'],
    ['SELECT Id FROM Book ORDER BY PlaceAddress', 'can not be sorted'],
    ['SELECT COUNT(Id) FROM Book GROUP BY PlaceAddress', 'can not be grouped'],
    ['SELECT MAX(PlaceAddress) FROM Book', 'does not support aggregate operator'],
  ])('%s %s', (soql, message) => {
    expect(() => query(soql)).toThrow(message)
  })
})

describe('fields whose case counts', () => {
  const query = createOrg()

  test.each([
    ["Code = 'a[1]_x'", ['Atlas']],
    ["Code = 'A[1]_X'", []],
    ["Code IN ('A[1]yx', 'A[1]_x')", ['Novel']],
    ["Code LIKE 'a[1]%'", ['Atlas']],
    ["Code LIKE '%\\_x'", ['Atlas']],
    ["Code LIKE '_[1]_x'", ['Atlas', 'Novel']],
    ["Code != 'A[1]yx'", ['Atlas']],
  ])('%s', (where, names) => {
    expect(query(`SELECT Name FROM Book WHERE ${where} ORDER BY Id`)).toMatchObject(
      names.map((name) => ({ Name: name })),
    )
  })

  test('make groups of their own', () => {
    expect(query('SELECT Code, COUNT(Id) n FROM Book GROUP BY Code')).toHaveLength(2)
  })
})
