import type { FieldType } from '../schema/field.ts'
import { isDateFunction } from './date-part.ts'
import { dateValue, type Resolve } from './function-value.ts'
import { isAggregateFunction } from './is-aggregate.ts'
import type { Parameters } from './parameters.ts'
import { expressionText } from './parse-expression.ts'
import type { QueryContext } from './query-context.ts'
import { malformed, type SoqlError } from './soql-error.ts'
import type { Expression, FunctionCall } from './statement.ts'
import { equalityKey, isLongText, kindOf, sortKey, type Value } from './value.ts'

/** The columns of a grouped query: keys, aggregates, and what of each row they are made of. */
export interface AggregateColumns {
  /** The value of a selected, filtered or sorted expression in a row of groups. Throws SoqlError. */
  readonly resolve: Resolve
  /** The name of a group in the answer: of `Account.Name` the last part. */
  nameOf(expression: Expression): string
  /** What each row of the table must give. */
  base(): readonly string[]
  /** Groups by some of the keys; the others have no value there. */
  groupSql(keys: readonly number[]): string
}

export interface AggregateScope {
  readonly resolveRow: Resolve
  readonly groups: readonly Expression[]
  readonly parameters: Parameters
  readonly context: QueryContext
}

export function createAggregateColumns(scope: AggregateScope): AggregateColumns {
  const { resolveRow, parameters, context } = scope
  const base = ['t0.n AS n']
  const aggregates: string[] = []
  const keys = scope.groups.map((expression, index) => {
    if (expression.kind === 'call' && expression.name === 'TOLABEL') {
      throw malformed('toLabel() can not be used in GROUP BY', expression.at)
    }
    const value = resolveRow(expression)
    if (!isGroupable(value)) {
      throw malformed(`field '${value.name}' can not be grouped in a query call`, expression.at)
    }
    // A checkbox that was never set is off: it has a value in each row, and none in subtotals.
    const shown = value.type === 'boolean' ? equalityKey(value) : value.sql
    base.push(`${shown} AS d${index}`, `${equalityKey(value)} AS k${index}`)
    return value
  })

  /** The column that holds the results of an SQL expression, made when it is first asked for. */
  function column(list: string[], sql: string, prefix: string): string {
    const known = list.findIndex((item) => item.startsWith(`${sql} AS `))
    if (known !== -1) return list[known]?.slice(sql.length + 4) ?? ''
    const name = `${prefix}${list.length}`
    list.push(`${sql} AS ${name}`)
    return name
  }

  function keyIndex(value: Value): number {
    return keys.findIndex((key) => key.sql === value.sql)
  }

  function groupValue(expression: Expression): Value | null {
    const value = resolveRow(expression)
    const index = keyIndex(value)
    return index === -1 ? null : { ...value, sql: `d${index}`, key: null }
  }

  function ungrouped(expression: Expression): SoqlError {
    return malformed(
      `Field must be grouped or aggregated: ${expressionText(expression)}`,
      expression.at,
    )
  }

  function aggregateValue(call: FunctionCall): Value {
    if (call.argument === null) {
      throw malformed('COUNT() must be the only element of a SELECT list', call.at)
    }
    const value = resolveRow(call.argument)
    refuseUnsupported(call, value)
    const of = (sql: string): string => column(base, sql, 'v')
    const made = (sql: string, type: FieldType): Value => ({
      ...value,
      sql: column(aggregates, sql, 'a'),
      // Numbers are no ids and no times any more.
      form: 'plain',
      type,
      name: call.text,
      key: null,
    })
    const sum = `round(sum(${of(value.sql)}), ${value.field.scale})`
    switch (call.name) {
      case 'COUNT':
        return made(`count(${of(value.sql)})`, 'int')
      case 'COUNT_DISTINCT':
        return made(`count(DISTINCT ${of(equalityKey(value))})`, 'int')
      case 'SUM':
        return made(sum, value.type)
      case 'AVG':
        return made(`(${sum} / count(${of(value.sql)}))`, 'double')
      case 'MIN':
      case 'MAX': {
        const choose = call.name === 'MIN' ? 'soql_least' : 'soql_greatest'
        const key = of(sortKey(value, parameters))
        const result = made(`${choose}(${key}, ${of(value.sql)})`, value.type)
        return { ...result, form: value.form }
      }
      default:
        throw malformed(`unexpected token: '${call.name}'`, call.at)
    }
  }

  function grouping(call: FunctionCall): Value {
    const value = call.argument === null ? null : resolveRow(call.argument)
    const index = value === null ? -1 : keyIndex(value)
    if (value === null || index === -1) throw ungrouped(call.argument ?? call)
    return { ...value, sql: `g${index}`, form: 'plain', type: 'int', name: call.text, key: null }
  }

  const resolve: Resolve = (expression) => {
    if (expression.kind === 'field') {
      const value = groupValue(expression)
      if (value !== null) return value
      throw ungrouped(expression)
    }
    if (isAggregateFunction(expression.name)) return aggregateValue(expression)
    if (expression.name === 'GROUPING') return grouping(expression)
    const value = groupValue(expression)
    if (value !== null) return value
    if (!isDateFunction(expression.name) || expression.argument === null)
      throw ungrouped(expression)
    // A day that is grouped by has one year: its parts may be selected without being grouped.
    const day = groupValue(expression.argument)
    if (day === null || day.type !== 'date') throw ungrouped(expression)
    return dateValue(expression, () => day, context)
  }

  return {
    resolve,
    nameOf(expression) {
      const name = resolveRow(expression).name
      return name.split('.').at(-1) ?? name
    },
    base: () => base,
    groupSql(set) {
      const shown = keys.map((_, index) =>
        set.includes(index) ? `soql_least(n, d${index}) AS d${index}` : `NULL AS d${index}`,
      )
      const marks = keys.map((_, index) => `${set.includes(index) ? 0 : 1} AS g${index}`)
      const by = set.map((index) => `k${index}`)
      // The count makes one group of all rows where nothing else does.
      const columns = [...shown, ...marks, ...aggregates, 'count(*) AS size']
      const ending = by.length > 0 ? ` GROUP BY ${by.join(', ')}` : ''
      return `SELECT ${columns.join(', ')} FROM base${ending}`
    },
  }
}

/** Types that groups can be made of, as describe tells it. */
function isGroupable(value: Value): boolean {
  if (isLongText(value)) return false
  switch (value.type) {
    case 'double':
    case 'currency':
    case 'percent':
    case 'datetime':
    case 'multipicklist':
    case 'time':
    case 'address':
      return false
    case 'id':
    case 'string':
    case 'textarea':
    case 'email':
    case 'phone':
    case 'url':
    case 'picklist':
    case 'combobox':
    case 'boolean':
    case 'int':
    case 'date':
    case 'reference':
      return true
  }
}

function refuseUnsupported(call: FunctionCall, value: Value): void {
  const kind = kindOf(value.type)
  const never = kind === 'boolean' || kind === 'time' || kind === 'address'
  const needsNumber = call.name === 'SUM' || call.name === 'AVG'
  const unfit = value.type === 'multipicklist' || isLongText(value)
  if (!never && !unfit && (!needsNumber || kind === 'number')) return
  throw malformed(`field ${value.name} does not support aggregate operator ${call.name}`, call.at)
}
