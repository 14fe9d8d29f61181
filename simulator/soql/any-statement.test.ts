import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSchema } from '../schema/schema.ts'
import { openDatabase } from '../store/database.ts'
import { parseSoql } from './parse.ts'
import { planQuery } from './plan-query.ts'
import type { QueryContext } from './query-context.ts'
import { createQueryRunner } from './query-runner.ts'
import { SoqlError, soqlMessage } from './soql-error.ts'

const context: QueryContext = {
  now: Date.UTC(2024, 1, 29),
  user: 1,
  zone: 'America/New_York',
  locale: 'de_DE',
  fiscal: { start: 3, namedByStart: true },
  withDeleted: false,
}
const schema = createSchema()
const runner = createQueryRunner(openDatabase({ path: ':memory:', durable: false }, schema, 0))

const field = fc.constantFrom(
  ...'Id,Name,Type,AnnualRevenue,Active__c,CreatedDate,Description,ParentId,Parent.Name'.split(','),
  ...'Owner.Name,Parent.Parent.CreatedDate,Nope,COUNT(Id),MAX(Name),SUM(AnnualRevenue)'.split(','),
  ...'CALENDAR_YEAR(CreatedDate),DAY_ONLY(convertTimezone(CreatedDate)),GROUPING(Type)'.split(','),
)
const literal = fc.constantFrom(
  ...["'a'", "'001fK0000000001QAA'", "''", 'null', 'true', '5', '-1e3', '2024-02-29'],
  ...['2024-02-29T10:00:00Z', 'TODAY', 'LAST_N_DAYS:99999999', 'THIS_FISCAL_QUARTER'],
)
const fitting = fc.constantFrom(
  "Name LIKE '%a_'",
  "Type IN ('a', null)",
  'AnnualRevenue > 1e3',
  'Active__c = null',
  'CreatedDate = LAST_N_FISCAL_YEARS:2',
  "ParentId NOT IN ('001fK0000000001QAA', '')",
  'CALENDAR_YEAR(CreatedDate) != 2024',
  'Parent.CreatedDate >= 2024-02-29T10:00:00+01:00',
)
const comparison = fc.oneof(
  { weight: 3, arbitrary: fitting },
  fc
    .tuple(
      field,
      fc.constantFrom('=', '!=', '<', '>=', 'LIKE', 'IN', 'NOT IN', 'INCLUDES'),
      literal,
    )
    .map(([left, operator, value]) =>
      /^(IN|NOT IN|INCLUDES)$/.test(operator)
        ? `${left} ${operator} (${value}, ${value})`
        : `${left} ${operator} ${value}`,
    ),
)
const clause = (word: string) =>
  fc
    .option(fc.array(comparison, { minLength: 1, maxLength: 3 }), { nil: [] })
    .map((parts) =>
      parts.length === 0 ? '' : ` ${word} ${parts.join(word === 'HAVING' ? ' OR ' : ' AND ')}`,
    )
const fields = fc.array(field, { minLength: 1, maxLength: 3 }).map((names) => names.join(', '))
const selected = fc.oneof(
  fields,
  fc.constantFrom('Id, Parent.Name', 'FIELDS(STANDARD)', 'COUNT(Id), MAX(Name)', 'COUNT()'),
)
const grouped = fc.oneof(fields, fc.constantFrom('Type', 'Type, Active__c', 'Parent.Name'))
const statement = fc
  .record({
    select: selected,
    where: clause('WHERE'),
    groupBy: fc.option(fc.tuple(fc.constantFrom('', 'ROLLUP', 'CUBE'), grouped, clause('HAVING'))),
    order: fc.option(field),
  })
  .map(({ select, where, groupBy, order }) => {
    const [form, keys, having] = groupBy ?? []
    const groups = form === '' ? keys : `${form}(${keys})`
    const grouping = groupBy === null ? '' : ` GROUP BY ${groups}${having}`
    return `SELECT ${select} FROM Account${where}${grouping}${order === null ? '' : ` ORDER BY ${order}`}`
  })

function run(soql: string): void {
  const plan = planQuery(schema, parseSoql(soql), context)
  if (plan.kind === 'count') runner.count(plan)
  else if (plan.kind === 'aggregate') runner.groups(plan, context, 10)
  else runner.numbers(plan)
}

/** Runs a statement; gives whether it was refused. Anything but a refusal is thrown. */
function isRefused(soql: string): boolean {
  try {
    run(soql)
    return false
  } catch (error) {
    if (!(error instanceof SoqlError)) throw error
    expect(soqlMessage(error, soql)).toContain(error.message)
    return true
  }
}

test('any statement is answered or refused, never an error of the database', () => {
  let answered = 0
  fc.assert(
    fc.property(statement, (soql) => {
      if (!isRefused(soql)) answered += 1
    }),
    { numRuns: 1_500, seed: 1 },
  )
  expect(answered).toBeGreaterThan(50)
})

test('any text is parsed or refused', () => {
  const piece = fc.constantFrom(
    ...'SELECT,FROM,WHERE,Account,Id,(,),=,AND,OR,NOT,IN,LIMIT,5,GROUP,BY,ORDER'.split(','),
    ...["'a'", "'", '\\', '"', ':x', ',', 'TYPEOF', 'WHEN', 'END', 'FIELDS(ALL)', 'é', '\n'],
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      isRefused(pieces.join(' '))
    }),
    { numRuns: 1_500, seed: 1 },
  )
})

describe('statements that are too much', () => {
  const many = (count: number, one: (n: number) => string, joint = ', ') =>
    Array.from({ length: count }, (_, n) => one(n)).join(joint)

  test.each([
    ['sorts', `SELECT Id FROM Account ORDER BY ${many(3_000, () => 'Name')}`],
    ['groups', `SELECT Name FROM Account GROUP BY ${many(3_000, () => 'Name')}`],
    ['columns', `SELECT ${many(3_000, (n) => `COUNT(Id) a${n}`)} FROM Account`],
    ['comparisons', `SELECT Id FROM Account WHERE ${many(4_001, () => 'Name = null', ' OR ')}`],
  ])('%s are refused', (_, soql) => {
    expect(() => run(soql)).toThrow(
      expect.objectContaining({ name: 'SoqlError', code: 'QUERY_TOO_COMPLICATED' }),
    )
  })

  test.each([
    ['relative dates', 'CreatedDate', () => 'TODAY'],
    ['nothings', 'CreatedDate', () => 'null'],
    ['checkboxes', 'Active__c', () => 'true'],
    ['moments', 'CreatedDate', (n: number) => new Date(n * 1_000).toISOString()],
  ])('long lists of %s are answered', (_, name, one) => {
    // As many as a statement can hold.
    const list = many(20_000, one).slice(0, 99_000)
    const whole = list.slice(0, list.lastIndexOf(','))
    expect(isRefused(`SELECT Id FROM Account WHERE ${name} IN (${whole})`)).toBe(false)
  })
})
