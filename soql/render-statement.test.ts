import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseWhereClause } from './parse-condition.ts'
import { parseStatement } from './parse-statement.ts'
import { renderCondition, renderStatement } from './render-statement.ts'
import { SoqlError } from './soql-error.ts'
import {
  type Condition,
  DATE_FUNCTIONS,
  type Literal,
  type Operand,
  type Statement,
} from './statement.ts'

test.each([
  ["name='x'", "name = 'x'"],
  ["Name <> 'x'", "Name != 'x'"],
  ["Name LIKE 'A\\_b\\%c%_'", "Name LIKE 'A\\_b\\%c%_'"],
  ["Name LIKE 'a\\\\%'", "Name LIKE 'a\\\\%'"],
  ["Name = 'O\\'Neil \\\\ \\u0041'", "Name = 'O\\'Neil \\\\ A'"],
  ["Name = 'a\nb\u2028c\u0007'", "Name = 'a\\nb\\u2028c\\u0007'"],
  ["Name = '100%_'", "Name = '100%_'"],
  ['Amount >= +007.50', 'Amount >= 7.50'],
  ['Amount IN (-0.5, .25, 3.)', 'Amount IN (-0.5, 0.25, 3)'],
  ['Amount = 12345678901234567890.123', 'Amount = 12345678901234567890.123'],
  ['d = 2026-11-26T10:00:00+02:00', 'd = 2026-11-26T08:00:00.000Z'],
  ['d > 2026-11-26T08:00:00.5z', 'd > 2026-11-26T08:00:00.500Z'],
  ['d = last_n_days:07', 'd = LAST_N_DAYS:7'],
  ['d = this_fiscal_quarter', 'd = THIS_FISCAL_QUARTER'],
  ['t < 08:00', 't < 08:00:00.000Z'],
  ['b = true AND c != null', 'b = TRUE AND c != NULL'],
  ["not a = 'x' and b = 'y'", "(NOT (a = 'x')) AND b = 'y'"],
  ["(a = 'x' OR b = 'y') AND c = 'z'", "(a = 'x' OR b = 'y') AND c = 'z'"],
  ["NOT NOT a = 'x'", "NOT (NOT (a = 'x'))"],
  ["t INCLUDES ('A;B', 'C')", "t INCLUDES ('A;B', 'C')"],
  ["t excludes ('A')", "t EXCLUDES ('A')"],
  ["Id not in ('x')", "Id NOT IN ('x')"],
  ['calendar_year(CreatedDate) = 2026', 'CALENDAR_YEAR(CreatedDate) = 2026'],
])('%s becomes %s', (from, to) => {
  const tree = parseWhereClause(from)
  expect(tree === null ? null : renderCondition(tree)).toBe(to)
})

test('a whole statement', () => {
  const soql =
    "select Id , Account.Owner.Name from Contact where LastName like 'A%' order by LastName desc nulls last, Id limit 10 offset 5"
  expect(renderStatement(parseStatement(soql))).toBe(
    "SELECT Id, Account.Owner.Name FROM Contact WHERE LastName LIKE 'A%' ORDER BY LastName DESC NULLS LAST, Id ASC LIMIT 10 OFFSET 5",
  )
})

test('a name of another form is never written', () => {
  const tree: Statement = {
    ...{ object: 'Account WHERE', where: null, orderBy: [], limit: null, offset: null },
    fields: [{ path: ['Id'], at: null }],
  }
  expect(() => renderStatement(tree)).toThrow('never sent')
  const field = { ...tree, object: 'Account', fields: [{ path: ["Id'"], at: null }] }
  expect(() => renderStatement(field)).toThrow('never sent')
})

const name = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,12}$/)
  .filter((text) => !RESERVED.test(text))
const RESERVED =
  /^(and|or|not|in|like|includes|excludes|null|true|false|select|from|where|having|using|typeof)$/i
const path = fc.array(name, { minLength: 1, maxLength: 6 })
const at = fc.constant(0)
const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((each) => !each.includes('\0'))

const string = text.map((value): Literal => {
  const pattern = value.replaceAll(/[\\%_]/g, (char) => (char === '\\' ? '\\\\' : char))
  return { kind: 'string', value, pattern, at: 0 }
})
const literal: fc.Arbitrary<Literal> = fc.oneof(
  string,
  fc
    .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.stringMatching(/^\d{0,6}$/))
    .map(([minus, whole, part]): Literal => {
      const number = `${minus ? '-' : ''}${whole}${part === '' ? '' : `.${part}`}`
      return { kind: 'number', text: number, at: 0 }
    }),
  fc.record({ kind: fc.constant('boolean' as const), value: fc.boolean(), at }),
  fc.record({ kind: fc.constant('null' as const), at }),
  fc
    .date({ min: new Date('1701-01-01'), max: new Date('3999-12-30'), noInvalidDate: true })
    .chain((date) =>
      fc.constantFrom<Literal>(
        { kind: 'date', text: date.toISOString().slice(0, 10), at: 0 },
        { kind: 'datetime', text: date.toISOString(), at: 0 },
        { kind: 'time', text: date.toISOString().slice(11), at: 0 },
      ),
    ),
  fc.constantFrom<Literal>(
    { kind: 'period', name: 'TODAY', count: null, at: 0 },
    { kind: 'period', name: 'LAST_N_DAYS', count: 30, at: 0 },
    { kind: 'period', name: 'N_FISCAL_YEARS_AGO', count: 2, at: 0 },
  ),
)
const left: fc.Arbitrary<Operand> = fc.record({
  path,
  at,
  call: fc.option(fc.constantFrom(...DATE_FUNCTIONS)),
})

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4 },
    fc.record({
      kind: fc.constant('compare' as const),
      left,
      operator: fc.constantFrom('=', '!=', '<', '>', '<=', '>='),
      value: literal,
    }),
    fc.record({ kind: fc.constant('like' as const), left, value: string }),
    fc.record({
      kind: fc.constantFrom('in', 'includes'),
      left,
      negated: fc.boolean(),
      values: fc.array(literal, { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant('not' as const), part: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('and', 'or'),
      parts: fc.array(tie('condition'), { minLength: 2, maxLength: 4 }),
    }),
  ),
}))

test('what is written is read as what it was written from', () => {
  fc.assert(
    fc.property(condition, (tree) => {
      const soql = renderCondition(tree)
      const read = parseWhereClause(soql)
      expect(read === null ? null : renderCondition(read)).toBe(soql)
    }),
    { numRuns: 400 },
  )
})

/** Of its own, so that a fault of the tokenizer does not hide itself: a quote ends at the first one not escaped. */
const QUOTED = /'(?:\\(?:[nrtbf'\\%_]|u[0-9a-f]{4})|[^'\\\p{Cc}])*'/gu
const OUTSIDE = /^[A-Za-z0-9_.,()<>=!:+\- ]*$/

test('nothing of the caller’s text leaves but names and escaped literals', () => {
  const piece = fc.oneof(
    fc.constantFrom("'", "\\'", '\\', "''", "' OR ", ' OR ', ' AND ', '(', ')', '--', '/*', ';'),
    fc.constantFrom('Name', ' = ', ' LIKE ', ' IN ', "'x'", '%', '_', '\\u0027', '\n', '\u2028'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  let taken = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      for (const where of [pieces.join(''), `Name = '${pieces.join('')}'`]) {
        const soql = renderedOrNull(where)
        if (soql === null) continue
        taken += 1
        expect(soql.replaceAll(QUOTED, '')).toMatch(OUTSIDE)
      }
    }),
    { numRuns: 3_000 },
  )
  expect(taken).toBeGreaterThan(100)
})

function renderedOrNull(where: string): string | null {
  try {
    const tree = parseWhereClause(where)
    return tree === null ? null : renderCondition(tree)
  } catch (error) {
    if (error instanceof SoqlError) return null
    throw error
  }
}
