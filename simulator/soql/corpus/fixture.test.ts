import { expect, test } from 'vitest'
import { STAGES } from './data/picklists.ts'
import { makeFixture } from './fixture.ts'

const { data, seed } = makeFixture()

test('is the same at every call', () => {
  expect(makeFixture().seed).toEqual(seed)
})

test('has hundreds of records of seven objects', () => {
  const objects = Map.groupBy(seed, (record) => record.object)
  expect([...objects.keys()].sort()).toEqual([
    'Account',
    'Contact',
    'Custom_Object__c',
    'Lead',
    'Opportunity',
    'Task',
    'User',
  ])
  expect(seed.length).toBeGreaterThan(1_000)
})

test('names no record that does not exist', () => {
  for (const row of [...data.accounts, ...data.contacts, ...data.opportunities, ...data.leads]) {
    for (const id of [row.OwnerId, row.CreatedById, row.LastModifiedById]) data.user(id)
  }
  for (const row of [...data.contacts, ...data.opportunities]) {
    if (row.AccountId !== null) expect(data.account(row.AccountId)?.IsDeleted).toBe(false)
  }
})

test('has accounts and contacts below one another, deeper than paths may be long', () => {
  const depthOf = (id: string | null): number =>
    id === null ? 0 : 1 + depthOf(data.account(id)?.ParentId ?? null)
  const rank = (id: string | null): number =>
    id === null ? 0 : 1 + rank(data.contact(id)?.ReportsToId ?? null)
  expect(Math.max(...data.accounts.map((row) => depthOf(row.Id)))).toBeGreaterThan(6)
  expect(Math.max(...data.contacts.map((row) => rank(row.Id)))).toBeGreaterThan(5)
})

test('has all stages, owners in every zone, and missing values of every kind', () => {
  expect(new Set(data.opportunities.map((row) => row.StageName))).toEqual(new Set(STAGES))
  expect(new Set(data.users.map((row) => row.TimeZoneSidKey)).size).toBe(3)
  const typed = data.custom('typed')
  for (const field of ['Text__c', 'Number__c', 'Date__c', 'Datetime__c', 'Colours__c'] as const) {
    expect(typed.some((row) => row[field] === null)).toBe(true)
    expect(typed.some((row) => row[field] !== null)).toBe(true)
  }
})

test('has live accounts whose contacts are all deleted', () => {
  const kept = new Set(data.contacts.map((row) => row.AccountId))
  const left = data.deletedContacts.filter(
    (row) => data.account(row.AccountId)?.IsDeleted === false && !kept.has(row.AccountId),
  )
  expect(left.length).toBeGreaterThan(0)
})
