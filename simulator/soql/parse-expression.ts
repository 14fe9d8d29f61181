import { malformed } from './soql-error.ts'
import type { Expression, FieldReference } from './statement.ts'
import type { TokenReader } from './token-reader.ts'

/** Functions that may stand where a field may. */
const FUNCTIONS = new Set(
  [
    'COUNT,COUNT_DISTINCT,SUM,AVG,MIN,MAX,GROUPING,TOLABEL,FORMAT,CONVERTTIMEZONE,CONVERTCURRENCY',
    'CALENDAR_MONTH,CALENDAR_QUARTER,CALENDAR_YEAR,DAY_IN_MONTH,DAY_IN_WEEK,DAY_IN_YEAR,DAY_ONLY',
    'FISCAL_MONTH,FISCAL_QUARTER,FISCAL_YEAR,HOUR_IN_DAY,WEEK_IN_MONTH,WEEK_IN_YEAR',
  ]
    .join(',')
    .split(','),
)

/** A field or a function of one, as in `CALENDAR_YEAR(convertTimezone(CreatedDate))`. */
export function parseExpression(reader: TokenReader): Expression {
  const token = reader.name()
  if (!reader.isSymbol('(')) return { kind: 'field', path: token.text, at: token.at }
  const name = token.text.toUpperCase()
  if (!FUNCTIONS.has(name)) throw reader.unexpected()
  reader.expectSymbol('(')
  const argument = reader.isSymbol(')') ? null : reader.nested(() => parseExpression(reader))
  if (argument === null && name !== 'COUNT') throw reader.unexpected()
  reader.expectSymbol(')')
  const text = `${token.text}(${argument === null ? '' : expressionText(argument)})`
  return { kind: 'call', name, argument, text, at: token.at }
}

/** An expression as it was written. */
export function expressionText(expression: Expression): string {
  return expression.kind === 'field' ? expression.path : expression.text
}

export function parseField(reader: TokenReader): FieldReference {
  const expression = parseExpression(reader)
  if (expression.kind === 'field') return expression
  throw malformed(`unexpected token: '('`, expression.at)
}
