import { expect, test } from 'vitest'
import type { EventFilter } from '../../contracts/subscription.ts'
import { matchesFilter } from './matches-filter.ts'

function matches(
  filter: EventFilter | null,
  changedFields: readonly string[],
  record: Readonly<Record<string, unknown>> | null = null,
): boolean {
  return matchesFilter(filter, { changedFields, record: () => record })
}

test('no filter, and one that asks for nothing, take every event', () => {
  expect(matches(null, [])).toBe(true)
  expect(matches({}, [])).toBe(true)
  expect(matches({ changed_fields: [], equals: {} }, [])).toBe(true)
})

test('one of the fields has to have changed, whatever its case', () => {
  const filter = { changed_fields: ['Phone', 'StageName'] }
  expect(matches(filter, ['stagename', 'Amount'])).toBe(true)
  expect(matches(filter, ['Amount'])).toBe(false)
  expect(matches(filter, [])).toBe(false)
})

test('all of the fields have to have their values', () => {
  const filter = { equals: { StageName: 'Closed Won', Amount: 5 } }
  expect(matches(filter, [], { StageName: 'Closed Won', Amount: 5 })).toBe(true)
  expect(matches(filter, [], { STAGENAME: 'Closed Won', amount: 5 })).toBe(true)
  expect(matches(filter, [], { StageName: 'closed won', Amount: 5 })).toBe(false)
  expect(matches(filter, [], { StageName: 'Closed Won' })).toBe(false)
  expect(matches(filter, [], null)).toBe(false)
})

test('both conditions hold together', () => {
  const filter = { changed_fields: ['Amount'], equals: { IsWon: true } }
  expect(matches(filter, ['Amount'], { IsWon: true })).toBe(true)
  expect(matches(filter, ['Name'], { IsWon: true })).toBe(false)
  expect(matches(filter, ['Amount'], { IsWon: false })).toBe(false)
})

test('numbers by value, also where a sender writes them as text', () => {
  expect(matches({ equals: { Amount: 1000 } }, [], JSON.parse('{"Amount":1e3}'))).toBe(true)
  expect(matches({ equals: { Amount: 5 } }, [], { Amount: '5.00' })).toBe(true)
  expect(matches({ equals: { Amount: 5 } }, [], { Amount: '5 EUR' })).toBe(false)
  expect(matches({ equals: { Amount: 0 } }, [], { Amount: '' })).toBe(false)
  expect(matches({ equals: { Code: '5' } }, [], { Code: 5 })).toBe(false)
})

test('words of outbound messages are the values that they spell', () => {
  expect(matches({ equals: { IsWon: true } }, [], { IsWon: 'true' })).toBe(true)
  expect(matches({ equals: { IsWon: false } }, [], { IsWon: 'true' })).toBe(false)
})

test('null is a value that is there, not one that is missing', () => {
  const filter = { equals: { ParentId: null } }
  expect(matches(filter, [], { ParentId: null })).toBe(true)
  expect(matches(filter, [], { ParentId: '001' })).toBe(false)
  expect(matches(filter, [], {})).toBe(false)
  expect(matches({ equals: { 'Owner.Name': null } }, [], { Owner: null })).toBe(false)
})

test('paths lead through related records, or stand as they are', () => {
  const filter = { equals: { 'Owner.Manager.Name': 'Ada' } }
  expect(matches(filter, [], { Owner: { Manager: { Name: 'Ada' } } })).toBe(true)
  expect(matches(filter, [], { owner: { manager: { name: 'Ada' } } })).toBe(true)
  expect(matches(filter, [], { 'Owner.Manager.Name': 'Ada' })).toBe(true)
  expect(matches(filter, [], { Owner: 'Ada' })).toBe(false)
  expect(matches(filter, [], { Owner: ['Ada'] })).toBe(false)
})

test('what every object has of itself is no field', () => {
  expect(matches({ equals: { constructor: null } }, [], {})).toBe(false)
  expect(matches({ equals: { 'Name.length': 3 } }, [], { Name: 'Ada' })).toBe(false)
})

test('the record is opened only where the filter looks into it', () => {
  const record = () => {
    throw new Error('opened')
  }
  expect(matchesFilter({ changed_fields: ['A'] }, { changedFields: ['A'], record })).toBe(true)
  expect(
    matchesFilter({ changed_fields: ['B'], equals: { A: 1 } }, { changedFields: ['A'], record }),
  ).toBe(false)
})
