import { expect, test } from 'vitest'
import { parseWhereClause } from './parse-condition.ts'
import { parseField } from './parse-field.ts'
import { parseStatement } from './parse-statement.ts'
import { SoqlError, type SoqlErrorCode } from './soql-error.ts'

function codeOf(work: () => unknown): SoqlErrorCode | 'taken' {
  try {
    work()
    return 'taken'
  } catch (error) {
    if (error instanceof SoqlError) return error.code
    throw error
  }
}

test.each<[SoqlErrorCode, string]>([
  ['query_not_supported', "Name = 'x' -- and all else"],
  ['query_not_supported', "Name = 'x' /* hidden */"],
  ['query_not_supported', "Name = 'x' // hidden"],
  ['query_syntax', "Name = 'x' OR '1' = '1'"],
  ['query_syntax', "Name = 'x'' OR Name != '"],
  ['query_syntax', "Name = 'x"],
  ['query_syntax', "Name = 'x\\'"],
  ['query_syntax', "Name = 'x\\q'"],
  ['query_syntax', 'Name = "x"'],
  ['query_syntax', 'Name = ‘x’'],
  ['query_syntax', "Name = 'x'\u2028OR Id != NULL"],
  ['query_syntax', "Name\u00a0= 'x'"],
  ['query_syntax', "Ｎame = 'x'"],
  ['query_syntax', "Name = '\0'"],
  ['query_syntax', "Name = '\\u0000'"],
  ['query_syntax', "Name = '\\ud800'"],
  ['query_syntax', '1 = 1'],
  ['query_syntax', "Name = 'x';"],
  ['query_syntax', "Name = 'x') OR (Name != ''"],
  ['query_syntax', "Name = 'x' AND Id = '' OR Name != ''"],
  ['query_syntax', 'Name'],
  ['query_syntax', "NOT = 'x'"],
  ['query_syntax', "Name NOT LIKE 'x%'"],
  ['query_syntax', 'Name IN ()'],
  ['query_syntax', "Name = 'x' GROUPED"],
  ['query_not_supported', "Name = 'x' FOR UPDATE"],
  ['query_not_supported', "Name = 'x' ALL ROWS"],
  ['query_not_supported', "Name = 'x' WITH SECURITY_ENFORCED"],
  ['query_not_supported', "Name = 'x' USING SCOPE mine"],
  ['query_not_supported', "Name = 'x' LIMIT 50000"],
  ['query_not_supported', "Name = 'x' ORDER BY Name"],
  ['query_not_supported', "Name = 'x' GROUP BY Name HAVING COUNT(Id) > 1"],
  ['query_not_supported', "Name = 'x' UNION SELECT Id FROM User"],
  ['query_not_supported', 'Id IN (SELECT AccountId FROM Contact)'],
  ['query_not_supported', 'Id NOT IN (SELECT AccountId FROM Contact)'],
  ['query_not_supported', 'Id = (SELECT AccountId FROM Contact)'],
  ['query_not_supported', '(SELECT Id FROM Contacts)'],
  ['query_not_supported', 'Name = :name'],
  ['query_not_supported', "DISTANCE(Loc__c, GEOLOCATION(1, 2), 'mi') < 20"],
  ['query_not_supported', "toLabel(Status__c) = 'x'"],
  ['query_not_supported', 'CALENDAR_YEAR(convertTimezone(CreatedDate)) = 2026'],
  ['query_not_supported', "Name = FORMAT('x')"],
  ['query_not_supported', 'Amount > USD5000'],
  ['query_not_supported', `${'A.'.repeat(7)}Name = 'x'`],
  ['query_syntax', 'Amount > 1e400'],
  ['query_syntax', 'Amount > 0x10'],
  ['query_wrong_type', `Amount > ${'9'.repeat(41)}`],
  ['query_wrong_type', 'CreatedDate > 2026-11-26T00:00:00'],
  ['query_wrong_type', 'CreatedDate > 2026-13-01T00:00:00Z'],
  ['query_wrong_type', 'CreatedDate > 2026-11-26T24:00:00Z'],
  ['query_wrong_type', 'CreatedDate > 2026-11-26T00:00:00+15:00'],
  ['query_wrong_type', 'Founded__c = 2026-02-30'],
  ['query_wrong_type', 'Founded__c = 0001-01-01'],
  ['query_wrong_type', 'Opens__c = 25:00:00Z'],
  ['query_wrong_type', 'CreatedDate = LAST_N_DAYS:999999999'],
  ['query_syntax', 'CreatedDate = LAST_N_DAYS'],
  ['query_syntax', 'CreatedDate = TODAY:5'],
  ['query_too_long', `Name = '${'x'.repeat(4_001)}'`],
  ['query_too_long', `Name = '${'x'.repeat(100_000)}'`],
  ['query_too_complex', `${'('.repeat(60)}Name = 'x'${')'.repeat(60)}`],
  ['query_too_complex', `${'NOT '.repeat(60)}Name = 'x'`],
  ['query_too_complex', Array.from({ length: 1_001 }, () => "Name = 'x'").join(' AND ')],
  ['query_syntax', `${'('.repeat(40)}Name = 'x'`],
])('%s: %s', (code, where) => {
  expect(codeOf(() => parseWhereClause(where))).toBe(code)
})

test.each<[SoqlErrorCode, string]>([
  ['query_not_supported', 'SELECT COUNT() FROM Account'],
  ['query_not_supported', 'SELECT MAX(Name) FROM Account'],
  ['query_not_supported', 'SELECT FIELDS(ALL) FROM Account LIMIT 200'],
  ['query_not_supported', 'SELECT Id, (SELECT Id FROM Contacts) FROM Account'],
  ['query_not_supported', 'SELECT TYPEOF What WHEN Account THEN Name END FROM Event'],
  ['query_not_supported', 'SELECT Id FROM Account a'],
  ['query_not_supported', 'SELECT Id FROM Account, Account.Contacts c'],
  ['query_not_supported', 'SELECT Id FROM Account USING SCOPE mine'],
  ['query_not_supported', "SELECT Id FROM Account WHERE Name = 'x' WITH USER_MODE"],
  ['query_not_supported', 'SELECT Id FROM Account GROUP BY Id'],
  ['query_not_supported', 'SELECT Id FROM Account LIMIT 5 FOR UPDATE'],
  ['query_not_supported', 'SELECT Id FROM Account ALL ROWS'],
  ['query_not_supported', 'SELECT Id FROM Account ORDER BY COUNT(Id)'],
  ['query_syntax', 'SELECT * FROM Account'],
  ['query_syntax', 'SELECT Id FROM Account LIMIT -1'],
  ['query_syntax', 'SELECT Id FROM Account LIMIT 1.5'],
  ['query_syntax', 'SELECT Id FROM Account LIMIT 5 LIMIT 6'],
  ['query_syntax', "SELECT 'x' FROM Account"],
  ['query_syntax', 'SELECT FROM Account'],
  ['query_syntax', 'FIND {x} RETURNING Account'],
  ['query_syntax', 'DELETE FROM Account'],
  ['query_syntax', 'SELECT Id FROM Account WHERE'],
  ['query_syntax', 'SELECT Id FROM Account.Contacts'],
])('%s: %s', (code, soql) => {
  expect(codeOf(() => parseStatement(soql))).toBe(code)
})

test.each([
  'Id, Name',
  'Name FROM User --',
  "Id' ",
  '',
  '*',
  'COUNT()',
  '(SELECT Id FROM Contacts)',
  'Name alias',
  '1Name',
  'Näme',
  'Name\n,Id',
  'LAST_N_DAYS:5',
])('the field %s is none', (field) => {
  expect(['query_syntax', 'query_not_supported']).toContain(
    codeOf(() => parseField(field, 'fields')),
  )
})

test('a fault says where it is, what was expected, and repeats no value', () => {
  const where = "Name = 'Ada Lovelace' AND 'Ada Lovelace' = Name"
  const error = (() => {
    try {
      parseWhereClause(where)
    } catch (thrown) {
      return thrown
    }
    return null
  })()
  expect(error).toMatchObject({
    ...{ code: 'query_syntax', source: 'where_clause', expected: 'a field' },
    position: where.indexOf("'Ada", 10),
    message: 'A string stands where a field is expected.',
  })
})
