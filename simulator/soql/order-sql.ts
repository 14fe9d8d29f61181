import type { Resolve } from './function-value.ts'
import type { Parameters } from './parameters.ts'
import { malformed } from './soql-error.ts'
import type { Ordering } from './statement.ts'
import { isLongText, sortKey, type Value } from './value.ts'

/** The terms of an ORDER BY. Throws SoqlError for fields that cannot be sorted. */
export function orderTerms(
  orderings: readonly Ordering[],
  resolve: Resolve,
  parameters: Parameters,
): string[] {
  return orderings.map(({ expression, descending, nullsLast }) => {
    if (expression.kind === 'call' && expression.name === 'TOLABEL') {
      throw malformed('toLabel() can not be used in ORDER BY', expression.at)
    }
    const value = resolve(expression)
    refuseUnsorted(value, expression.at)
    // Lookups without a value come first whatever is asked for.
    const last = nullsLast && value.type !== 'reference'
    return `${sortKey(value, parameters)} ${descending ? 'DESC' : 'ASC'} NULLS ${last ? 'LAST' : 'FIRST'}`
  })
}

function refuseUnsorted(value: Value, at: number): void {
  if (!isLongText(value) && value.type !== 'multipicklist' && value.type !== 'address') return
  throw malformed(`field '${value.name}' can not be sorted in a query call`, at)
}
