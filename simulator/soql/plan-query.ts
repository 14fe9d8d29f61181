import type { ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { recordTable } from '../store/database.ts'
import { fieldsLimit } from './fields-limit.ts'
import { findChildren } from './find-children.ts'
import { findObject } from './find-object.ts'
import { rowResolver } from './function-value.ts'
import { isAggregate, isCountAll } from './is-aggregate.ts'
import { orderTerms } from './order-sql.ts'
import { planAggregate } from './plan-aggregate.ts'
import type { QueryContext } from './query-context.ts'
import type { CountPlan, QueryPlan, RecordsPlan } from './query-plan.ts'
import { pageSql, rowSource } from './row-source.ts'
import { createSelection } from './selection.ts'
import { malformed } from './soql-error.ts'
import { createSource, type Source } from './source.ts'
import type { Statement } from './statement.ts'
import type { Value } from './value.ts'

/** Levels of a query with its child queries, and child queries in all. */
const MOST_LEVELS = 5
const MOST_CHILDREN = 20

/** Throws SoqlError for names that the schema does not know and for what the org does not run. */
export function planQuery(schema: Schema, statement: Statement, context: QueryContext): QueryPlan {
  if (statement.allRows) throw malformed('ALL ROWS not allowed in this context')
  if (statement.forUpdate && statement.orderBy.length > 0) {
    throw malformed('ORDER BY not allowed in a query that locks rows (FOR UPDATE)')
  }
  const object = findObject(schema, statement.from)
  if (isCountAll(statement)) return planCount(schema, object, statement, context)
  if (isAggregate(statement)) return planAggregate(schema, object, statement, context)
  fieldsLimit(statement)
  return planRecords(schema, object, statement, context, null, 1)
}

function planCount(
  schema: Schema,
  object: ObjectDefinition,
  statement: Statement,
  context: QueryContext,
): CountPlan {
  if (statement.orderBy.length > 0) {
    throw malformed('COUNT() can not be used with ORDER BY', statement.orderBy[0]?.expression.at)
  }
  const rows = rowSource(schema, object, statement, context)
  const page = pageSql(statement, rows.parameters)
  return {
    kind: 'count',
    object,
    sql: {
      text: `SELECT count(*) FROM (SELECT t0.n ${rows.from()}${page})`,
      parameters: rows.parameters.values,
    },
  }
}

function planRecords(
  schema: Schema,
  object: ObjectDefinition,
  statement: Statement,
  context: QueryContext,
  lookup: ((source: Source) => Value) | null,
  level: number,
): RecordsPlan {
  const filtered = rowSource(schema, object, statement, context, lookup)
  const resolve = rowResolver(filtered.source, context)
  const order = [...orderTerms(statement.orderBy, resolve, filtered.parameters), 't0.n']
  const page = pageSql(statement, filtered.parameters)
  refuseMixedTypeof(statement)
  const source = createSource(schema, object, 't', statement)
  const selection = createSelection(schema, source)
  let children = 0
  for (const item of statement.select) {
    if (item.kind !== 'children') {
      selection.add(item)
      continue
    }
    children += 1
    if (level >= MOST_LEVELS || children > MOST_CHILDREN) {
      throw malformed(
        `SOQL statements cannot query aggregate relationships more than ${MOST_LEVELS - 1} level away from the root entity object.`,
        item.at,
      )
    }
    selection.addMember(planChildren(schema, source, item.statement, context, level, statement))
  }
  return {
    kind: 'records',
    object,
    numbers: {
      text: `SELECT t0.n ${filtered.from()} ORDER BY ${order.join(', ')}${page}`,
      parameters: filtered.parameters.values,
    },
    rows: {
      text: `SELECT ${selection.columns.join(', ')}, wanted.key FROM json_each($numbers) wanted CROSS JOIN ${recordTable(object)} t0 ON t0.n = wanted.value${source.joins()} ORDER BY wanted.key`,
      parameters: {},
    },
    shape: selection.shape(),
    cells: selection.cells,
  }
}

/** `TYPEOF` and functions do not go together. */
function refuseMixedTypeof({ select }: Statement): void {
  const typed = select.find((item) => item.kind === 'typeof')
  const calls = select.some((item) => item.kind === 'expression' && item.expression.kind === 'call')
  if (typed === undefined || !calls) return
  throw malformed('TYPEOF can not be used in a query with functions', typed.at)
}

function planChildren(
  schema: Schema,
  parent: Source,
  statement: Statement,
  context: QueryContext,
  level: number,
  outer: Statement,
) {
  const { child, field, name } = findChildren(schema, parent, statement.from)
  if (isCountAll(statement) || isAggregate(statement)) {
    throw malformed('Aggregates can not be used in a child query', statement.from.at)
  }
  if (statement.offset !== null && outer.limit !== 1) {
    throw malformed('OFFSET can only be used in a child query of a query with LIMIT 1')
  }
  if (statement.scope !== null) {
    throw malformed('USING SCOPE can not be used in a child query', statement.scope.at)
  }
  fieldsLimit(statement)
  const lookup = (source: Source): Value => source.field(source.root, field.name, statement.from.at)
  return {
    kind: 'children',
    key: name,
    plan: planRecords(schema, child, statement, context, lookup, level + 1),
  } as const
}
