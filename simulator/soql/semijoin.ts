import type { Schema } from '../schema/schema.ts'
import { recordTable } from '../store/database.ts'
import { type Comparisons, negated } from './compare.ts'
import { conditionSql } from './condition-sql.ts'
import { findObject } from './find-object.ts'
import { rowResolver } from './function-value.ts'
import { malformed, SoqlError } from './soql-error.ts'
import { createSource, type Source } from './source.ts'
import type { Condition, Expression, Statement } from './statement.ts'
import { kindOf, type Value } from './value.ts'

type Semijoin = Extract<Condition, { kind: 'semijoin' }>

const MOST = 2

/** Objects that a subquery cannot read. */
const UNREADABLE = /^(ActivityHistory|Attachment|Event|Note|OpenActivity|Task|.*Tag)$/

/** Refuses subqueries in places where the org runs none: under OR and NOT, and more than two. */
export function checkSemijoins(condition: Condition): void {
  let count = 0
  const visit = (part: Condition, under: 'top' | 'or' | 'not', depth: number): void => {
    switch (part.kind) {
      case 'and':
      case 'or': {
        const below = part.kind === 'or' && under === 'top' ? 'or' : under
        for (const inner of part.parts) visit(inner, below, depth + 1)
        return
      }
      case 'not':
        visit(part.part, 'not', depth + 1)
        return
      case 'semijoin':
        count += 1
        refuse(part, under, depth)
        if (count > MOST) {
          throw malformed('Maximum 2 semi join sub-selects are allowed', part.at)
        }
        return
      case 'compare':
      case 'like':
      case 'in':
      case 'includes':
        return
    }
  }
  visit(condition, 'top', 0)
}

function refuse(part: Semijoin, under: 'top' | 'or' | 'not', depth: number): void {
  if (under === 'or' && depth > 1) {
    throw malformed(
      'Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions.',
      part.at,
    )
  }
  if (under === 'top') return
  throw malformed(
    `Semi join sub-selects are not allowed with the '${under.toUpperCase()}' operator`,
    part.at,
  )
}

/** The SQL of `Id IN (SELECT AccountId FROM Contact …)`. Throws SoqlError. */
export function semijoinSql(
  schema: Schema,
  comparisons: Comparisons,
  outer: Source,
  condition: Semijoin,
): string {
  const { statement } = condition
  refuseClauses(statement, condition.at)
  const left = leftValue(outer, condition.left)
  const object = findObject(schema, statement.from)
  if (object.name === outer.object.name) {
    throw malformed(
      'The inner and outer selects should not be on the same object type',
      condition.at,
    )
  }
  if (UNREADABLE.test(object.name)) {
    throw malformed(
      `Entity '${object.name}' is not supported for semi join inner selects`,
      statement.from.at,
    )
  }
  const source = createSource(schema, object, 's', statement)
  const right = selectedValue(outer, left, source, statement)
  const conditions = [`${right.sql} IS NOT NULL`]
  if (!comparisons.context.withDeleted) conditions.push('s0.deleted = 0')
  if (statement.where !== null) {
    conditions.push(
      conditionSql(statement.where, {
        ...comparisons,
        resolve: rowResolver(source, comparisons.context),
        semijoin: (inner) => {
          throw malformed('Nesting of semi join sub-selects is not supported', inner.at)
        },
      }),
    )
  }
  const inner = `SELECT ${inFormOf(left, right)} FROM ${recordTable(object)} s0${source.joins()} WHERE ${conditions.join(' AND ')}`
  const found = `${left.sql} IN (${inner})`
  return condition.negated ? negated(found) : found
}

function refuseClauses(statement: Statement, at: number): void {
  const { select, groupBy, orderBy, limit, offset } = statement
  const [item] = select
  if (groupBy !== null || orderBy.length > 0 || limit !== null || offset !== null) {
    const clause =
      groupBy !== null
        ? 'GROUP'
        : orderBy.length > 0
          ? 'ORDER'
          : limit !== null
            ? 'LIMIT'
            : 'OFFSET'
    throw malformed(`unexpected token: '${clause}'`, at)
  }
  if (select.length !== 1 || item?.kind !== 'expression' || item.expression.kind !== 'field') {
    throw malformed('Semi join sub-selects must select exactly one field', at)
  }
}

function leftValue(outer: Source, left: Expression): Value {
  if (left.kind !== 'field') throw malformed(`unexpected token: 'SELECT'`, left.at)
  if (outer.names(left.path).length > 1) {
    throw malformed(
      `The left operand '${left.path}' cannot be used in a semi join sub-select: relationships are not allowed`,
      left.at,
    )
  }
  const value = outer.value(left)
  if (kindOf(value.type) === 'id') return value
  throw malformed(
    `The left operand field in the where expression should be an id field, cannot use : '${left.path}'`,
    left.at,
  )
}

/** The field that the subquery selects: it must lead to the same object as the one on the left. */
function selectedValue(outer: Source, left: Value, source: Source, statement: Statement): Value {
  const [item] = statement.select
  if (item?.kind !== 'expression' || item.expression.kind !== 'field') {
    throw malformed('Semi join sub-selects must select exactly one field', statement.from.at)
  }
  const { expression } = item
  if (source.names(expression.path).length > 1) {
    throw malformed(
      `The inner select field '${expression.path}' cannot have more than one level of relationships`,
      expression.at,
    )
  }
  const value = source.value(expression)
  const wanted = objectsOf(outer, left)
  if (
    kindOf(value.type) === 'id' &&
    objectsOf(source, value).some((name) => wanted.includes(name))
  ) {
    return value
  }
  throw new SoqlError(
    'MALFORMED_QUERY',
    `The selected field '${expression.path}' in the subquery and the left operand field '${left.name}' in the where expression in the outer query should point to the same object type`,
    expression.at,
  )
}

/** The objects whose ids a field holds. */
function objectsOf(source: Source, value: Value): readonly string[] {
  return value.field.system === 'id' ? [source.object.name] : value.field.referenceTo
}

/** The right side as the left side is kept: a number, or an id in text. */
function inFormOf(left: Value, right: Value): string {
  if (left.form === right.form && left.keyPrefix === right.keyPrefix) return right.sql
  const id = right.form === 'plain' ? right.sql : `record_id('${right.keyPrefix}', ${right.sql})`
  return left.form === 'plain' ? id : `soql_id_number('${left.keyPrefix}', ${id})`
}
