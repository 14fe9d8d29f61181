import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createQueryClient, type QueryClient, testRecord } from '../testing/query-client.ts'

function* records() {
  for (let n = 1; n <= 2_001; n += 1) yield testRecord('Lead', n, { LastName: `L${n}` })
}

let simulator: Simulator
let query: QueryClient
beforeAll(async () => {
  simulator = await startSimulator({ records })
  query = await createQueryClient(simulator.url)
})
afterAll(() => simulator.close())

describe('refusals', () => {
  test('show the place', async () => {
    expect(await query.refusal('SELECT Id, Nope__c FROM Account')).toBe(
      "400 INVALID_FIELD: \nSELECT Id, Nope__c FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'Nope__c' on entity 'Account'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
    )
    const long = `SELECT Id, Name\nFROM Account\nWHERE Name = 'a' AND Nope = 'b' AND Name = 'c' AND Name = 'd'`
    expect(await query.refusal(long)).toContain(
      "\nWHERE Name = 'a' AND Nope = 'b' AND Name = 'c' AND Name\n                     ^\nERROR at Row:3:Column:22\n",
    )
  })

  test.each([
    ['SELECT FROM Account', "MALFORMED_QUERY: .*unexpected token: 'FROM'"],
    ['SELECT Id FROM Account LIMIT', "MALFORMED_QUERY: .*unexpected token: '<EOF>'"],
    ['SELECT Id FROM Account;', "MALFORMED_QUERY: .*unexpected token: ';'"],
    ['SELECT * FROM Account', "MALFORMED_QUERY: .*unexpected token: '\\*'"],
    [
      "SELECT Id FROM Account WHERE Name = 'open",
      "MALFORMED_QUERY: line 1:41 mismatched character '<EOF>' expecting '''",
    ],
    ["SELECT Id FROM Account WHERE Name = 'a\\q'", 'MALFORMED_QUERY: .*Illegal character sequence'],
    [
      'SELECT Id FROM Account WHERE Name = "a"',
      "MALFORMED_QUERY: .*no viable alternative at character '\"'",
    ],
    [
      'SELECT Id FROM Account WHERE Name = :name',
      'MALFORMED_QUERY: .*Bind variables only allowed in Apex code',
    ],
    [
      "SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
      "MALFORMED_QUERY: .*unexpected token: 'OR'",
    ],
    [
      'SELECT Id n FROM Account',
      'MALFORMED_QUERY: .*only aggregate expressions use field aliasing',
    ],
    ['SELECT Id FROM Account ALL ROWS', 'MALFORMED_QUERY: ALL ROWS not allowed in this context'],
    ['SELECT Id FROM Account WITH DATA', "MALFORMED_QUERY: .*unexpected token: 'DATA'"],
    ['SELECT Id FROM Nothing', "INVALID_TYPE: .*sObject type 'Nothing' is not supported"],
    [
      'SELECT (SELECT Id FROM Nothings) FROM Account',
      "INVALID_TYPE: .*Didn't understand relationship 'Nothings' in FROM part of query call",
    ],
    [
      'SELECT Nothing.Name FROM Account',
      "INVALID_FIELD: .*Didn't understand relationship 'Nothing' in field path",
    ],
    [
      'SELECT Parent.Parent.Parent.Parent.Parent.Parent.Name FROM Account',
      'MALFORMED_QUERY: .*more than 5 levels',
    ],
    ['SELECT Id, Id FROM Account', 'INVALID_FIELD: .*duplicate field selected: Id'],
    ['SELECT Id, FIELDS(STANDARD) FROM Account', 'INVALID_FIELD: .*duplicate field selected: Id'],
    [
      'SELECT FIELDS(ALL) FROM Account',
      'MALFORMED_QUERY: .*The SOQL FIELDS function must have a LIMIT of at most 200',
    ],
    [
      'SELECT FIELDS(CUSTOM) FROM User LIMIT 1',
      "MALFORMED_QUERY: .*'FIELDS\\(...\\)' expansion function must result in at least one field",
    ],
    [
      'SELECT Id FROM Account WHERE Name = 5',
      "INVALID_FIELD: .*for field 'Name' must be of type string and should be enclosed in quotes",
    ],
    [
      "SELECT Id FROM Account WHERE AnnualRevenue = '5'",
      'INVALID_FIELD: .*must be of type currency and should not be enclosed in quotes',
    ],
    [
      'SELECT Id FROM Account WHERE CreatedDate > 2024-01-01',
      'INVALID_FIELD: .*must be of type dateTime and should not',
    ],
    [
      'SELECT Id FROM Opportunity WHERE CloseDate = 2024-01-01T00:00:00Z',
      'INVALID_FIELD: .*must be of type date and should not',
    ],
    ['SELECT Id FROM Opportunity WHERE CloseDate = 1699-12-31', 'INVALID_FIELD: .*invalid date'],
    [
      'SELECT Id FROM Opportunity WHERE CloseDate = 2024-02-30',
      'INVALID_FIELD: .*invalid date: 2024-02-30',
    ],
    [
      'SELECT Id FROM Account WHERE CreatedDate = 2024-01-01T00:00:00',
      'INVALID_FIELD: .*must be of type dateTime',
    ],
    ['SELECT Id FROM Opportunity WHERE Amount > USD5000', 'INVALID_FIELD: .*multiple currencies'],
    [
      "SELECT Id FROM Account WHERE Id = 'x'",
      'INVALID_QUERY_FILTER_OPERATOR: .*invalid ID field: x',
    ],
    [
      "SELECT Id FROM Account WHERE Id LIKE '001%'",
      'INVALID_QUERY_FILTER_OPERATOR: .*invalid operator on id field',
    ],
    [
      "SELECT Id FROM Account WHERE Name INCLUDES ('a')",
      'INVALID_QUERY_FILTER_OPERATOR: .*invalid operator on string field',
    ],
    [
      "SELECT Id FROM Account WHERE Description = 'a'",
      "INVALID_FIELD: .*field 'Description' can not be filtered in a query call",
    ],
    [
      'SELECT Id FROM Account ORDER BY Description',
      "MALFORMED_QUERY: .*field 'Description' can not be sorted in a query call",
    ],
    [
      'SELECT Id FROM Contact ORDER BY Languages__c',
      "MALFORMED_QUERY: .*field 'Languages__c' can not be sorted",
    ],
    [
      'SELECT COUNT(Id) FROM Account GROUP BY AnnualRevenue',
      "MALFORMED_QUERY: .*field 'AnnualRevenue' can not be grouped in a query call",
    ],
    [
      'SELECT Name, COUNT(Id) FROM Account',
      'MALFORMED_QUERY: .*Field must be grouped or aggregated: Name',
    ],
    [
      'SELECT COUNT(Id) FROM Account GROUP BY Type ORDER BY Name',
      'MALFORMED_QUERY: .*Field must be grouped or aggregated: Name',
    ],
    [
      'SELECT MAX(Active__c) FROM Account',
      'MALFORMED_QUERY: .*field Active__c does not support aggregate operator MAX',
    ],
    [
      'SELECT SUM(Name) FROM Account',
      'MALFORMED_QUERY: .*field Name does not support aggregate operator SUM',
    ],
    ['SELECT MAX(Name) FROM Account LIMIT 1', 'MALFORMED_QUERY: .*cannot also use LIMIT'],
    [
      'SELECT COUNT() FROM Account ORDER BY Name',
      'MALFORMED_QUERY: .*COUNT\\(\\) can not be used with ORDER BY',
    ],
    [
      'SELECT Name, Parent.Name, COUNT(Id) FROM Account GROUP BY Name, Parent.Name',
      'MALFORMED_QUERY: .*duplicate alias: Name',
    ],
    [
      'SELECT CALENDAR_YEAR(CreatedDate) FROM Account',
      'MALFORMED_QUERY: .*Date functions must be grouped',
    ],
    [
      'SELECT Id FROM Opportunity WHERE CALENDAR_YEAR(CloseDate) = THIS_YEAR',
      'INVALID_FIELD: .*must be of type int',
    ],
    [
      'SELECT Id FROM Opportunity WHERE HOUR_IN_DAY(CloseDate) = 1',
      'INVALID_FIELD: .*can not be used on field',
    ],
    [
      'SELECT Id FROM Account OFFSET 2001',
      'NUMBER_OUTSIDE_VALID_RANGE: Maximum SOQL offset allowed is 2000',
    ],
    ['SELECT Id FROM Account USING SCOPE team', "INVALID_QUERY_SCOPE: .*'team'"],
    [
      'SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM Account)',
      'MALFORMED_QUERY: .*should not be on the same object type',
    ],
    [
      "SELECT Id FROM Account WHERE Name = 'a' OR Id IN (SELECT AccountId FROM Contact)",
      "MALFORMED_QUERY: .*not allowed with the 'OR' operator",
    ],
    [
      'SELECT Id FROM Account WHERE NOT Id IN (SELECT AccountId FROM Contact)',
      "MALFORMED_QUERY: .*not allowed with the 'NOT' operator",
    ],
    [
      'SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE AccountId IN (SELECT AccountId FROM Opportunity))',
      'MALFORMED_QUERY: .*Nesting of semi join sub-selects is not supported',
    ],
    [
      'SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact LIMIT 1)',
      "MALFORMED_QUERY: .*unexpected token: 'LIMIT'",
    ],
    [
      'SELECT Id FROM Account WHERE Name IN (SELECT AccountId FROM Contact)',
      "MALFORMED_QUERY: .*should be an id field, cannot use : 'Name'",
    ],
    [
      'SELECT Id FROM Account WHERE Id IN (SELECT ReportsToId FROM Contact)',
      'MALFORMED_QUERY: .*should point to the same object type',
    ],
    [
      'SELECT Id FROM Contact WHERE Account.Id IN (SELECT AccountId FROM Opportunity)',
      'MALFORMED_QUERY: .*relationships are not allowed',
    ],
    [
      `SELECT Id FROM Account WHERE ${'('.repeat(200)}Name = 'a'${')'.repeat(200)}`,
      'QUERY_TOO_COMPLICATED: ',
    ],
    ['SELECT Name FROM Lead GROUP BY LastName', 'MALFORMED_QUERY: .*grouped or aggregated: Name'],
    [
      'SELECT LastName FROM Lead GROUP BY LastName',
      'EXCEEDED_ID_LIMIT: Aggregate query does not support queryMore',
    ],
  ])('%s', async (soql, expected) => {
    expect(await query.refusal(soql)).toMatch(new RegExp(`^400 ${expected}`, 's'))
  })

  test('a query of nothing', async () => {
    expect(await query.refusal(' ')).toMatch(/^400 MALFORMED_QUERY: /)
  })
})
