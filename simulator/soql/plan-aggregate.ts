import type { ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { type AggregateColumns, createAggregateColumns } from './aggregate-columns.ts'
import { conditionSql } from './condition-sql.ts'
import { formatOf } from './format.ts'
import { rowResolver } from './function-value.ts'
import { isAggregateFunction } from './is-aggregate.ts'
import { orderTerms } from './order-sql.ts'
import { expressionText } from './parse-expression.ts'
import type { QueryContext } from './query-context.ts'
import type { AggregatePlan, Cell } from './query-plan.ts'
import { pageSql, rowSource } from './row-source.ts'
import { malformed } from './soql-error.ts'
import type { Expression, GroupBy, Statement } from './statement.ts'

/**
 * Plans a query whose answer is groups: one pass over the rows gives keys and values, one SELECT for
 * each set of keys (several with ROLLUP and CUBE) groups them, one around all filters and sorts.
 */
export function planAggregate(
  schema: Schema,
  object: ObjectDefinition,
  statement: Statement,
  context: QueryContext,
): AggregatePlan {
  const grouped = statement.groupBy !== null
  if (!grouped && statement.limit !== null) {
    throw malformed('Non-grouped query that uses overall aggregate functions cannot also use LIMIT')
  }
  const rows = rowSource(schema, object, statement, context)
  const { parameters, source } = rows
  const columns = createAggregateColumns({
    resolveRow: rowResolver(source, context),
    groups: statement.groupBy?.expressions ?? [],
    parameters,
    context,
  })
  const cells = selectedCells(statement, columns)
  const conditions =
    statement.having === null
      ? ''
      : ` WHERE ${conditionSql(statement.having, {
          parameters,
          context,
          resolve: columns.resolve,
          semijoin: (part) => {
            throw malformed('Semi-joins are only supported in WHERE clauses', part.at)
          },
        })}`
  const order = orderTerms(statement.orderBy, columns.resolve, parameters)
  const page = pageSql(statement, parameters)
  const outer = cells.map((cell) => cell.value.sql)
  const sets = groupingSets(statement.groupBy)
  const text = `WITH base AS (SELECT ${columns.base().join(', ')} ${rows.from()}),
    grouped AS (${sets.map((set) => columns.groupSql(set)).join(' UNION ALL ')})
    SELECT ${outer.join(', ')} FROM grouped${conditions}${order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`}${page}`
  return { kind: 'aggregate', object, grouped, sql: { text, parameters: parameters.values }, cells }
}

/** Which keys are grouped by together, the most detailed first; the last is the grand total. */
function groupingSets(groupBy: GroupBy | null): (readonly number[])[] {
  if (groupBy === null) return [[]]
  const all = groupBy.expressions.map((_, index) => index)
  switch (groupBy.form) {
    case 'plain':
      return [all]
    case 'rollup':
      return [all.length, ...all.toReversed()].map((length) => all.slice(0, length))
    case 'cube': {
      const sets = Array.from({ length: 2 ** all.length }, (_, mask) =>
        all.filter((index) => (mask & (1 << index)) !== 0),
      )
      return sets.toSorted((a, b) => b.length - a.length)
    }
  }
}

function selectedCells(statement: Statement, columns: AggregateColumns): Cell[] {
  const keys = new Set<string>()
  let unnamed = 0
  return statement.select.flatMap((item, column): Cell => {
    if (item.kind !== 'expression') {
      throw malformed(
        item.kind === 'fields'
          ? 'Field must be grouped or aggregated: Id'
          : 'Aggregate queries can not select records',
        item.at,
      )
    }
    const { expression, alias } = item
    const { inner, isFormat } = formatted(expression)
    const value = columns.resolve(inner)
    const isComputed = inner.kind === 'call' && inner.name !== 'TOLABEL'
    let key = alias
    if (key === null && isComputed) {
      key = `expr${unnamed}`
      unnamed += 1
    }
    key ??= columns.nameOf(inner)
    if (keys.has(key.toLowerCase())) throw malformed(`duplicate alias: ${key}`, item.at)
    keys.add(key.toLowerCase())
    const aggregate = inner.kind === 'call' && isAggregateFunction(inner.name) ? inner.text : null
    return {
      key,
      header: key,
      value,
      column,
      format: isFormat ? formatOf(value) : null,
      aggregate: aggregate ?? (isComputed ? expressionText(inner) : null),
    }
  })
}

/** `FORMAT(MIN(CloseDate))` shows what is inside. */
function formatted(expression: Expression): { inner: Expression; isFormat: boolean } {
  if (expression.kind === 'field' || expression.name !== 'FORMAT' || expression.argument === null) {
    return { inner: expression, isFormat: false }
  }
  return { inner: expression.argument, isFormat: true }
}
