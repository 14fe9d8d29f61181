import { describe, expect, test } from 'vitest'
import { createSchema } from '../schema/schema.ts'
import { parseSoql } from './parse.ts'
import { planQuery } from './to-sql.ts'
import { SoqlError } from './tokenize.ts'

function codeOf(soql: string): string {
  try {
    planQuery(createSchema(), parseSoql(soql), false)
  } catch (error) {
    if (error instanceof SoqlError) return error.code
    throw error
  }
  return 'none'
}

describe('SOQL', () => {
  test('is parsed with escapes, brackets, IN and ORDER BY', () => {
    const statement = parseSoql(
      "select Id, Name from Account where (Name like 'O\\'B%' or Rating in ('Hot', 'Warm')) and AnnualRevenue >= -1.5 order by Name desc nulls last, Id limit 5 offset 2",
    )
    expect(statement.select).toEqual(['Id', 'Name'])
    expect(statement.where).toMatchObject({ kind: 'and' })
    expect(statement.orderBy).toEqual([
      { field: 'Name', descending: true, nullsLast: true },
      { field: 'Id', descending: false, nullsLast: false },
    ])
    expect([statement.limit, statement.offset]).toEqual([5, 2])
  })

  test.each([
    ['SELECT Id FROM Nothing', 'INVALID_TYPE'],
    ['SELECT Nope FROM Account', 'INVALID_FIELD'],
    ["SELECT Id FROM Account WHERE Name = 'open", 'MALFORMED_QUERY'],
    ["SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", 'MALFORMED_QUERY'],
    ['SELECT Id FROM Account WHERE Name = 5', 'INVALID_FIELD'],
    ["SELECT Id FROM Account WHERE AnnualRevenue = '5'", 'INVALID_FIELD'],
    ["SELECT Id FROM Account WHERE Id = 'x'", 'INVALID_QUERY_FILTER_OPERATOR'],
    ['SELECT Id FROM Account LIMIT', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Account;', 'MALFORMED_QUERY'],
    ['SELECT FROM Account', 'MALFORMED_QUERY'],
    ["SELECT Id FROM Account WHERE Name = 'a'", 'none'],
  ])('%s gives %s', (soql, code) => {
    expect(codeOf(soql)).toBe(code)
  })
})
