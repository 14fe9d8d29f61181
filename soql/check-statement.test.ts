import { expect, test } from 'vitest'
import { checkStatement, type QueryForm } from './check-statement.ts'
import { schemaFixture } from './describe-fixture.ts'
import { parseStatement } from './parse-statement.ts'
import { renderStatement } from './render-statement.ts'
import { SoqlError } from './soql-error.ts'

const SOURCES = { fields: 'soql', where: 'soql', orderBy: 'soql', object: 'soql' } as const

function check(soql: string, form: QueryForm = 'rest', notAskedFor: readonly string[] = []) {
  return checkStatement(parseStatement(soql), schemaFixture(notAskedFor), form, SOURCES)
}

function checked(soql: string, form: QueryForm = 'rest'): string {
  const outcome = check(soql, form)
  if (outcome.kind !== 'checked') throw new Error('A describe is missing.')
  return renderStatement(outcome.statement)
}

function faultOf(soql: string, form: QueryForm = 'rest'): SoqlError {
  try {
    check(soql, form)
  } catch (error) {
    if (error instanceof SoqlError) return error
    throw error
  }
  throw new Error(`${soql} was taken.`)
}

test('names leave as the org spells them', () => {
  expect(
    checked(
      "select id, OWNER.email, parent.Parent.name from ACCOUNT where name = 'x' order by industry",
    ),
  ).toBe(
    "SELECT Id, Owner.Email, Parent.Parent.Name FROM Account WHERE Name = 'x' ORDER BY Industry ASC",
  )
  expect(checked('SELECT Id, ID, id FROM Account')).toBe('SELECT Id FROM Account')
  expect(checked('SELECT owner.name, OWNER.type FROM Lead')).toBe(
    'SELECT Owner.Name, Owner.Type FROM Lead',
  )
})

test('objects that are not known yet are asked for', () => {
  expect(check('SELECT Id FROM Account', 'rest', ['Account'])).toEqual({
    ...{ kind: 'needs', objects: ['Account'] },
  })
  expect(check('SELECT Owner.Name FROM Account', 'rest', ['User'])).toEqual({
    ...{ kind: 'needs', objects: ['User'] },
  })
})

test.each([
  ["Name = 'x' AND NumberOfEmployees > 5 AND IsPartner = TRUE"],
  ['AnnualRevenue IN (1, 2.5) AND Founded__c = 2026-11-26 AND Founded__c > LAST_N_DAYS:3'],
  ['CreatedDate >= 2026-11-26T00:00:00Z AND CreatedDate = TODAY AND Opens__c < 08:00:00Z'],
  ["Tags__c INCLUDES ('A;B') OR Tags__c = 'A'"],
  ["OwnerId = '005000000000001' AND Id IN ('001000000000001AAA', NULL)"],
  ['CALENDAR_YEAR(CreatedDate) = 2026 AND DAY_ONLY(CreatedDate) > 2026-01-01'],
  ["Industry = NULL AND Name != NULL AND Owner.Email LIKE '%@example.com'"],
])('taken: %s', (where) => {
  expect(checked(`SELECT Id FROM Account WHERE ${where}`)).toContain(' WHERE ')
})

test.each([
  ['query_unknown_field', "Nmae = 'x'", 'Name'],
  ['query_unknown_field', "Owner.Emial = 'x'", 'Email'],
  ['query_unknown_field', "OwnerId.Name = 'x'", 'Owner'],
  ['query_unknown_field', "Owner = 'x'", 'Owner.Name'],
  ['query_unknown_field', "Contacts.Name = 'x'", null],
  ['query_wrong_type', 'Name = 5', null],
  ['query_wrong_type', 'Name = TODAY', null],
  ['query_wrong_type', "NumberOfEmployees = '5'", null],
  ['query_wrong_type', "IsPartner = 'true'", null],
  ['query_wrong_type', 'CreatedDate = 2026-11-26', null],
  ['query_wrong_type', "CreatedDate = '2026-11-26T00:00:00Z'", null],
  ['query_wrong_type', 'Founded__c = 2026-11-26T00:00:00Z', null],
  ['query_wrong_type', "OwnerId = 'Ada'", null],
  ['query_wrong_type', 'NumberOfEmployees > NULL', null],
  ['query_wrong_type', 'CALENDAR_YEAR(Name) = 2026', null],
  ['query_wrong_type', "CALENDAR_YEAR(CreatedDate) = '2026'", null],
  ['query_wrong_type', 'HOUR_IN_DAY(Founded__c) = 5', null],
  ['query_field_not_usable', "OwnerId LIKE '005%'", null],
  ['query_field_not_usable', 'IsPartner > FALSE', null],
  ['query_field_not_usable', "Name INCLUDES ('A')", null],
  ['query_field_not_usable', "Tags__c IN ('A')", null],
  ['query_field_not_usable', "Notes__c = 'x'", null],
  ['query_field_not_usable', "BillingAddress = 'x'", null],
])('%s: %s', (code, where, nearest) => {
  expect(faultOf(`SELECT Id FROM Account WHERE ${where}`)).toMatchObject({ code, nearest })
})

test('a date where a dateTime is needed is told the right form', () => {
  const soql = 'SELECT Id FROM Account WHERE CreatedDate = 2026-11-26'
  const fault = faultOf(soql)
  expect(fault.position).toBe(soql.indexOf('2026'))
  expect(fault.message).toContain('2026-11-26T00:00:00Z')
})

test('what cannot be ordered by, selected or reached is refused', () => {
  expect(faultOf('SELECT Id FROM Account ORDER BY Notes__c').code).toBe('query_field_not_usable')
  expect(faultOf('SELECT Id FROM Nothing__c').code).toBe('query_unknown_object')
  expect(checked('SELECT BillingAddress FROM Account')).toContain('BillingAddress')
  expect(faultOf('SELECT BillingAddress FROM Account', 'bulk').code).toBe('query_field_not_usable')
  expect(faultOf('SELECT Id FROM Account LIMIT 5 OFFSET 5', 'bulk').code).toBe(
    'query_not_supported',
  )
  expect(faultOf('SELECT Owner.Industry FROM Lead').code).toBe('query_unknown_field')
})
