import type { FieldDescribe } from '../contracts/metadata.ts'
import { type FieldKind, fieldKind, KIND_RULES } from './field-kind.ts'
import { SoqlError } from './soql-error.ts'
import type { Comparison, Condition, FieldPath, Literal, Operand } from './statement.ts'

/** A field by its path, as the org spells it; null where a describe is missing, of which the giver takes note. */
export type FindField = (
  path: FieldPath,
) => { readonly path: readonly string[]; readonly field: FieldDescribe } | null

/** The condition with every name as the org spells it. @throws {SoqlError} */
export function checkCondition(condition: Condition, find: FindField): Condition {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return {
        kind: condition.kind,
        parts: condition.parts.map((part) => checkCondition(part, find)),
      }
    case 'not':
      return { kind: 'not', part: checkCondition(condition.part, find) }
    default:
      return checkComparison(condition, find)
  }
}

function checkComparison(comparison: Comparison, find: FindField): Comparison {
  const found = find(comparison.left)
  if (found === null) return comparison
  const left: Operand = { ...comparison.left, path: found.path }
  const name = found.path.join('.')
  const kind = kindOf(left, found.field, name)
  const rules = KIND_RULES[kind]
  const position = left.at
  if (rules === null) {
    const message = `${name} (${found.field.type}) cannot be compared with anything.`
    throw new SoqlError('query_field_not_usable', message, { position })
  }
  const refuse = (what: string) => {
    const message = `${name} (${found.field.type}) cannot be compared by ${what}.`
    return new SoqlError('query_field_not_usable', message, { position })
  }
  switch (comparison.kind) {
    case 'compare': {
      const isOrder = comparison.operator !== '=' && comparison.operator !== '!='
      if (isOrder && !rules.isOrdered) throw refuse(comparison.operator)
      requireKind(comparison.value, kind, name, !isOrder)
      return { ...comparison, left }
    }
    case 'like':
      if (!rules.takesLike) throw refuse('LIKE')
      requireKind(comparison.value, kind, name, false)
      return { ...comparison, left }
    case 'in':
      if (!rules.takesIn) throw refuse(kind === 'choices' ? 'IN: use INCLUDES' : 'IN')
      for (const value of comparison.values) requireKind(value, kind, name, true)
      return { ...comparison, left }
    case 'includes':
      if (!rules.takesIncludes) {
        throw refuse(`${comparison.negated ? 'EXCLUDES' : 'INCLUDES'}, which is for choices`)
      }
      for (const value of comparison.values) requireKind(value, kind, name, false)
      return { ...comparison, left }
  }
}

function kindOf(left: Operand, field: FieldDescribe, name: string): FieldKind {
  const kind = fieldKind(field)
  if (left.call === null) return kind
  if (kind !== 'datetime' && (kind !== 'date' || left.call === 'HOUR_IN_DAY')) {
    const wanted = left.call === 'HOUR_IN_DAY' ? 'a dateTime' : 'a date or dateTime'
    const message = `${left.call} takes ${wanted}; ${name} is a ${field.type}.`
    throw new SoqlError('query_wrong_type', message, { position: left.at })
  }
  return left.call === 'DAY_ONLY' ? 'date' : 'number'
}

function requireKind(literal: Literal, kind: FieldKind, name: string, takesNull: boolean): void {
  const rules = KIND_RULES[kind]
  if (rules === null) return
  if (literal.kind === 'null' && takesNull) return
  if (rules.literals.includes(literal.kind)) {
    if (kind === 'id') requireId(literal, name)
    return
  }
  const given = literal.kind === 'null' ? 'NULL' : `a ${literal.kind}`
  const message = `${name} is compared with ${given}; it takes ${rules.form}.`
  const facts = { position: literal.at, expected: rules.form }
  throw new SoqlError('query_wrong_type', message, facts)
}

function requireId(literal: Literal, name: string): void {
  if (literal.kind !== 'string' || /^(?:[a-z\d]{15}(?:[a-z\d]{3})?)?$/i.test(literal.value)) return
  const message = `${name} is compared with a text that is no id: 15 or 18 letters and digits.`
  throw new SoqlError('query_wrong_type', message, { position: literal.at })
}
