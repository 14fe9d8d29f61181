import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSoql } from '../../simulator/soql/parse.ts'
import type { Condition as OtherCondition } from '../../simulator/soql/statement.ts'
import { parseStatement } from '../../soql/parse-statement.ts'
import { renderStatement } from '../../soql/render-statement.ts'
import { SoqlError } from '../../soql/soql-error.ts'
import type { Condition } from '../../soql/statement.ts'

/** The values that a condition compares with, in order. */
function valuesOf(condition: Condition | null): string[] {
  if (condition === null) return []
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(valuesOf)
    case 'not':
      return valuesOf(condition.part)
    case 'compare':
    case 'like':
      return condition.value.kind === 'string' ? [condition.value.value] : []
    default:
      return condition.values.flatMap((value) => (value.kind === 'string' ? [value.value] : []))
  }
}

/** The same of the simulator's own parser, which shares no code with ours. */
function otherValuesOf(condition: OtherCondition | null): string[] {
  if (condition === null) return []
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(otherValuesOf)
    case 'not':
      return otherValuesOf(condition.part)
    case 'compare':
    case 'like':
      return condition.value.kind === 'string' ? [condition.value.value] : []
    case 'semijoin':
      throw new Error('A subquery came through.')
    default:
      return condition.values.flatMap((value) => (value.kind === 'string' ? [value.value] : []))
  }
}

const piece = fc.oneof(
  fc.constantFrom("'", "\\'", '\\', '\\\\', "' OR Name != '", ' AND ', ')', '(', '\\u0027', '\\n'),
  fc.string({ unit: 'binary', maxLength: 6 }),
)

test('another parser reads what is sent as it was meant, value by value', () => {
  let taken = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.boolean(), (pieces, isLike) => {
      const soql = `SELECT Id FROM Account WHERE Name ${isLike ? 'LIKE' : '='} '${pieces.join('')}' AND (NOT Industry IN ('a', 'b'))`
      const statement = (() => {
        try {
          return parseStatement(soql)
        } catch (error) {
          if (error instanceof SoqlError) return null
          throw error
        }
      })()
      if (statement === null) return
      taken += 1
      const other = parseSoql(renderStatement(statement))
      expect(otherValuesOf(other.where)).toEqual(valuesOf(statement.where))
      expect(other).toMatchObject({ forUpdate: false, allRows: false, scope: null, groupBy: null })
    }),
    { numRuns: 2_000 },
  )
  expect(taken).toBeGreaterThan(200)
})
