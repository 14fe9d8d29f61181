import { describe, expect, test } from 'vitest'
import { parseSoql } from './parse.ts'

describe('SOQL', () => {
  test('is parsed with escapes, brackets, IN and ORDER BY', () => {
    const statement = parseSoql(
      "select Id, Name from Account where (Name like 'O\\'B%' or Rating in ('Hot', 'Warm')) and AnnualRevenue >= -1.5 order by Name desc nulls last, Id limit 5 offset 2",
    )
    expect(statement.select).toMatchObject([
      { kind: 'expression', expression: { kind: 'field', path: 'Id' }, alias: null },
      { kind: 'expression', expression: { kind: 'field', path: 'Name' }, alias: null },
    ])
    expect(statement.where).toMatchObject({
      kind: 'and',
      parts: [
        {
          kind: 'or',
          parts: [
            { kind: 'like', value: { value: "O'B%", pattern: "O\\'B%" } },
            { kind: 'in', values: [{ value: 'Hot' }, { value: 'Warm' }] },
          ],
        },
        { kind: 'compare', operator: '>=', value: { kind: 'number', value: -1.5 } },
      ],
    })
    expect(statement.orderBy).toMatchObject([
      { expression: { path: 'Name' }, descending: true, nullsLast: true },
      { expression: { path: 'Id' }, descending: false, nullsLast: false },
    ])
    expect([statement.limit, statement.offset]).toEqual([5, 2])
  })

  test('keeps functions in functions, aliases, and child queries', () => {
    const statement = parseSoql(
      'SELECT DAY_ONLY(convertTimezone(CreatedDate)) d, (SELECT Id FROM a.Contacts) FROM Account a, a.Owner o GROUP BY ROLLUP(DAY_ONLY(convertTimezone(CreatedDate)))',
    )
    expect(statement.select).toMatchObject([
      {
        alias: 'd',
        expression: {
          name: 'DAY_ONLY',
          text: 'DAY_ONLY(convertTimezone(CreatedDate))',
          argument: { name: 'CONVERTTIMEZONE', argument: { path: 'CreatedDate' } },
        },
      },
      { kind: 'children', statement: { from: { name: 'a.Contacts' } } },
    ])
    expect(statement.from).toMatchObject({ name: 'Account', alias: 'a' })
    expect(statement.joined).toMatchObject([{ name: 'a.Owner', alias: 'o' }])
    expect(statement.groupBy?.form).toBe('rollup')
  })

  test('takes every clause in its order', () => {
    const statement = parseSoql(
      'SELECT Id FROM Account USING SCOPE mine WHERE Name != null WITH SECURITY_ENFORCED ORDER BY Name ASC LIMIT 1 OFFSET 0 FOR VIEW FOR REFERENCE ALL ROWS',
    )
    expect(statement).toMatchObject({
      scope: { name: 'mine' },
      allRows: true,
      forUpdate: false,
      isView: true,
    })
    expect(parseSoql('SELECT Id FROM Account FOR UPDATE').forUpdate).toBe(true)
  })

  test.each([
    ["'a\\nb\\tc\\\\d\\\"\\u00e9'", 'a\nb\tc\\d"é', 'a\\\nb\\\tc\\\\d\\"\\é'],
    ["'50\\%\\_%_'", '50%_%_', '50\\%\\_%_'],
  ])('string %s', (written, value, pattern) => {
    const statement = parseSoql(`SELECT Id FROM Account WHERE Name LIKE ${written}`)
    expect(statement.where).toMatchObject({ value: { value, pattern } })
  })

  test.each([
    ['1e3', { kind: 'number', value: 1_000 }],
    ['-2.5E-1', { kind: 'number', value: -0.25 }],
    ['2024-02-29', { kind: 'date', value: '2024-02-29' }],
    ['2024-02-29T10:00:00+05:30', { kind: 'datetime', value: '2024-02-29T10:00:00+05:30' }],
    ['10:15:00.000Z', { kind: 'time', value: '10:15:00.000Z' }],
    ['last_n_days:7', { kind: 'period', name: 'LAST_N_DAYS', count: 7 }],
    ['N_FISCAL_QUARTERS_AGO:2', { kind: 'period', name: 'N_FISCAL_QUARTERS_AGO', count: 2 }],
    ['this_week', { kind: 'period', name: 'THIS_WEEK', count: null }],
    ['null', { kind: 'null' }],
    ['TRUE', { kind: 'boolean', value: true }],
  ])('literal %s', (written, literal) => {
    const statement = parseSoql(`SELECT Id FROM Account WHERE X = ${written}`)
    expect(statement.where).toMatchObject({ value: literal })
  })
})
