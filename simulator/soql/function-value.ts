import { isDateFunction } from './date-part.ts'
import type { QueryContext } from './query-context.ts'
import { malformed, SoqlError } from './soql-error.ts'
import type { Source } from './source.ts'
import type { Expression, FunctionCall } from './statement.ts'
import type { Value } from './value.ts'

/** Gives the value that an expression has in each row. Throws SoqlError. */
export type Resolve = (expression: Expression) => Value

/** Resolves fields and the functions that work on one row: dates and labels. */
export function rowResolver(source: Source, context: QueryContext): Resolve {
  const resolve: Resolve = (expression) => {
    if (expression.kind === 'field') return source.value(expression)
    if (isDateFunction(expression.name)) return dateValue(expression, resolve, context)
    // No translations: a label is what the value is.
    if (expression.name === 'TOLABEL') return argumentOf(expression, resolve)
    throw malformed(`unexpected token: '('`, expression.at)
  }
  return resolve
}

function argumentOf(call: FunctionCall, resolve: Resolve): Value {
  if (call.argument === null) throw malformed(`unexpected token: ')'`, call.at)
  return resolve(call.argument)
}

/** A part of a date: in UTC, unless `convertTimezone` asks for the user's zone. */
export function dateValue(call: FunctionCall, resolve: Resolve, context: QueryContext): Value {
  const converted = call.argument?.kind === 'call' && call.argument.name === 'CONVERTTIMEZONE'
  const inner = converted && call.argument?.kind === 'call' ? call.argument : call
  const value = argumentOf(inner, resolve)
  const needsTime = converted || call.name === 'HOUR_IN_DAY' || call.name === 'DAY_ONLY'
  if (value.type !== 'datetime' && (needsTime || value.type !== 'date')) {
    throw new SoqlError(
      'INVALID_FIELD',
      `function ${inner.name.toLowerCase()} can not be used on field '${value.name}' of type ${value.type}`,
      call.at,
    )
  }
  const zone = converted ? context.zone : 'GMT'
  const { start, namedByStart } = context.fiscal
  return {
    // The zone is one that Intl knows: it holds no quote. The rest is of this engine.
    sql: `soql_date_part('${call.name}', ${value.sql}, '${zone}', ${start}, ${namedByStart ? 1 : 0})`,
    form: 'plain',
    keyPrefix: '',
    type: call.name === 'DAY_ONLY' ? 'date' : 'int',
    field: value.field,
    name: call.text,
    key: null,
  }
}
