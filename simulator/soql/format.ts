import { webLocale } from './query-context.ts'
import type { Cell } from './query-plan.ts'
import { malformed, SoqlError } from './soql-error.ts'
import type { FieldReference, FunctionCall } from './statement.ts'
import { kindOf, type Value } from './value.ts'

/** The field inside functions that change only how it is shown: `FORMAT(f)`, `toLabel(f)`. */
export function argumentOfFormat(call: FunctionCall): FieldReference {
  const { argument } = call
  if (call.name === 'CONVERTCURRENCY') {
    throw new SoqlError(
      'INVALID_FIELD',
      'convertCurrency() needs an organization with multiple currencies',
      call.at,
    )
  }
  if (call.name !== 'FORMAT' && call.name !== 'TOLABEL') {
    throw malformed(`Date functions must be grouped: ${call.text}`, call.at)
  }
  if (argument === null) throw malformed(`unexpected token: ')'`, call.at)
  return argument.kind === 'field' ? argument : argumentOfFormat(argument)
}

/** What `FORMAT()` does with a value of this type. */
export function formatOf(value: Value): Cell['format'] {
  if (value.type === 'currency' || value.type === 'percent') return value.type
  switch (kindOf(value.type)) {
    case 'number':
      return 'number'
    case 'date':
      return 'date'
    case 'datetime':
      return 'datetime'
    case 'text':
    case 'boolean':
    case 'time':
    case 'id':
    case 'address':
      return 'text'
  }
}

/** A value as the user's locale writes it, datetimes in the user's zone. */
export function formatValue(
  format: Exclude<Cell['format'], null>,
  cell: Cell,
  raw: string | number,
  user: { readonly locale: string; readonly zone: string },
): string {
  const locale = webLocale(user.locale)
  const { scale } = cell.value.field
  const digits = { minimumFractionDigits: scale, maximumFractionDigits: scale }
  switch (format) {
    case 'number':
      return new Intl.NumberFormat(locale, digits).format(Number(raw))
    case 'currency': {
      const dollars = {
        style: 'currency',
        currency: 'USD',
        currencyDisplay: 'narrowSymbol',
      } as const
      return new Intl.NumberFormat(locale, dollars).format(Number(raw))
    }
    case 'percent':
      return `${new Intl.NumberFormat(locale, digits).format(Number(raw))}%`
    case 'date':
      return new Intl.DateTimeFormat(locale, { timeZone: 'UTC' }).format(new Date(raw))
    case 'datetime':
      return (
        new Intl.DateTimeFormat(locale, {
          timeZone: user.zone,
          year: 'numeric',
          month: 'numeric',
          day: 'numeric',
          hour: 'numeric',
          minute: '2-digit',
        })
          .format(new Date(raw))
          // Newer locale data part the hour from AM with a narrow blank, Salesforce with a plain one.
          .replaceAll('\u202f', ' ')
      )
    case 'text':
      return String(raw)
  }
}
