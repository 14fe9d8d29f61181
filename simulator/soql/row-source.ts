import type { ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { recordTable } from '../store/database.ts'
import { conditionSql } from './condition-sql.ts'
import { rowResolver } from './function-value.ts'
import { createParameters, type Parameters } from './parameters.ts'
import type { QueryContext } from './query-context.ts'
import { checkSemijoins, semijoinSql } from './semijoin.ts'
import { malformed, SoqlError } from './soql-error.ts'
import { createSource, type Source } from './source.ts'
import type { Statement } from './statement.ts'
import type { Value } from './value.ts'

/** Most rows that OFFSET skips. */
const FARTHEST = 2_000

/** The clauses that say which rows a statement reads. Joins are complete once all of them are made. */
export interface RowSource {
  readonly source: Source
  readonly parameters: Parameters
  /** `FROM … WHERE …`. */
  from(): string
}

/** `lookup` is the field of a child that holds its parent's id. */
export function rowSource(
  schema: Schema,
  object: ObjectDefinition,
  statement: Statement,
  context: QueryContext,
  lookup: ((source: Source) => Value) | null = null,
): RowSource {
  const parameters = createParameters()
  const source = createSource(schema, object, 't', statement)
  const comparisons = { parameters, context }
  const conditions: string[] = []
  if (lookup !== null) conditions.push(`${lookup(source).sql} = $parent`)
  if (!context.withDeleted) conditions.push('t0.deleted = 0')
  if (statement.scope !== null)
    conditions.push(scopeSql(source, statement.scope, parameters, context))
  if (statement.where !== null) {
    checkSemijoins(statement.where)
    conditions.push(
      conditionSql(statement.where, {
        ...comparisons,
        resolve: rowResolver(source, context),
        semijoin(condition) {
          if (lookup === null) return semijoinSql(schema, comparisons, source, condition)
          throw malformed('Nesting of semi join sub-selects is not supported', condition.at)
        },
      }),
    )
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  return {
    source,
    parameters,
    from: () => `FROM ${recordTable(object)} t0${source.joins()}${where}`,
  }
}

function scopeSql(
  source: Source,
  scope: { readonly name: string; readonly at: number },
  parameters: Parameters,
  context: QueryContext,
): string {
  const name = scope.name.toLowerCase()
  if (name === 'everything') return '1'
  const owner = source.object.fields.find((field) => field.name === 'OwnerId')
  if (name === 'mine' && owner !== undefined) {
    const value = source.field(source.root, owner.name, scope.at)
    return `${value.sql} = record_id('005', ${parameters.add(context.user)})`
  }
  throw new SoqlError(
    'INVALID_QUERY_SCOPE',
    `The scope '${scope.name}' is not supported for ${source.object.name}`,
    scope.at,
  )
}

/** `LIMIT … OFFSET …`, empty where neither is asked for. Throws SoqlError. */
export function pageSql(statement: Statement, parameters: Parameters): string {
  const { limit, offset } = statement
  if (offset !== null && offset > FARTHEST) {
    throw new SoqlError('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${FARTHEST}`)
  }
  if (limit === null && offset === null) return ''
  return ` LIMIT ${parameters.add(limit ?? -1)} OFFSET ${parameters.add(offset ?? 0)}`
}
