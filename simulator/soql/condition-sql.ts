import {
  type Comparisons,
  compareSql,
  inSql,
  joined,
  negated,
  refuseUnfiltered,
} from './compare.ts'
import type { Resolve } from './function-value.ts'
import { invalidOperator } from './literal-value.ts'
import { malformed } from './soql-error.ts'
import { foldCase } from './sql-functions.ts'
import type { Condition, Expression, Literal } from './statement.ts'
import { kindOf } from './value.ts'

export interface ConditionScope extends Comparisons {
  readonly resolve: Resolve
  /** The SQL of a subquery behind IN; refuses where none may stand. */
  readonly semijoin: (condition: Extract<Condition, { kind: 'semijoin' }>) => string
}

/** The SQL of a WHERE or HAVING condition. Throws SoqlError. */
export function conditionSql(condition: Condition, scope: ConditionScope): string {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => conditionSql(part, scope))
      return joined(parts, condition.kind === 'and' ? 'AND' : 'OR')
    }
    case 'not':
      return negated(conditionSql(condition.part, scope))
    case 'compare':
      return compareSql(
        scope,
        scope.resolve(condition.left),
        condition.operator,
        placed(condition.value, condition.left),
      )
    case 'in': {
      const any = inSql(
        scope,
        scope.resolve(condition.left),
        condition.values.map((literal) => placed(literal, condition.left)),
      )
      return condition.negated ? negated(any) : any
    }
    case 'like':
      return likeSql(condition, scope)
    case 'includes':
      return includesSql(condition, scope)
    case 'semijoin':
      return scope.semijoin(condition)
  }
}

/** What is wrong with a value is shown at the field that it is compared with. */
function placed(literal: Literal, { at }: Expression): Literal {
  return { ...literal, at }
}

function likeSql(condition: Extract<Condition, { kind: 'like' }>, scope: ConditionScope): string {
  const value = scope.resolve(condition.left)
  refuseUnfiltered(value, condition.left.at)
  const { value: literal } = condition
  if (kindOf(value.type) !== 'text' || value.type === 'multipicklist') {
    throw invalidOperator(value, condition.left.at)
  }
  if (literal.kind !== 'string') throw malformed(`unexpected token: 'LIKE'`, literal.at)
  if (value.field.caseSensitive) {
    return `${value.sql} GLOB ${scope.parameters.add(globPattern(literal.pattern))}`
  }
  return `soql_fold(${value.sql}) LIKE ${scope.parameters.add(foldCase(literal.pattern))} ESCAPE '\\'`
}

/** A pattern of LIKE as one of GLOB, which alone minds the case. */
function globPattern(pattern: string): string {
  return pattern.replace(/\\(.)|[%_*?[]/gsu, (piece, escaped: string | undefined) => {
    if (escaped === undefined && piece === '%') return '*'
    if (escaped === undefined && piece === '_') return '?'
    const letter = escaped ?? piece
    return /[*?[]/.test(letter) ? `[${letter}]` : letter
  })
}

/** `INCLUDES ('a;b', 'c')`: a and b, or c. */
function includesSql(
  condition: Extract<Condition, { kind: 'includes' }>,
  scope: ConditionScope,
): string {
  const value = scope.resolve(condition.left)
  if (value.type !== 'multipicklist') throw invalidOperator(value, condition.left.at)
  const choices = condition.values.map((literal) => {
    if (literal.kind !== 'string') throw malformed('INCLUDES and EXCLUDES need texts', literal.at)
    return foldCase(literal.value)
      .split(';')
      .map((part) => part.trim())
  })
  const found = `soql_includes(${value.sql}, ${scope.parameters.add(JSON.stringify(choices))})`
  return condition.negated ? negated(found) : found
}
