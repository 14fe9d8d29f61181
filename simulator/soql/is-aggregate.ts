import type { Expression, Statement } from './statement.ts'

const AGGREGATES = new Set(['COUNT', 'COUNT_DISTINCT', 'SUM', 'AVG', 'MIN', 'MAX'])

/** Whether a function works on all rows of a group. */
export function isAggregateFunction(name: string): boolean {
  return AGGREGATES.has(name)
}

/** Whether the statement is `SELECT COUNT() …`, whose answer is a number and no record. */
export function isCountAll(statement: Statement): boolean {
  const [item] = statement.select
  return (
    statement.select.length === 1 &&
    statement.groupBy === null &&
    item?.kind === 'expression' &&
    item.expression.kind === 'call' &&
    item.expression.name === 'COUNT' &&
    item.expression.argument === null
  )
}

/** Whether the answer is made of groups. */
export function isAggregate(statement: Statement): boolean {
  if (statement.groupBy !== null) return true
  return statement.select.some((item) => item.kind === 'expression' && aggregates(item.expression))
}

function aggregates(expression: Expression): boolean {
  if (expression.kind === 'field') return false
  if (isAggregateFunction(expression.name) || expression.name === 'GROUPING') return true
  return expression.argument !== null && aggregates(expression.argument)
}
