import type { FieldValue } from '../schema/field.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import type { Condition, ValidationRule } from './configured-rule.ts'
import type { PendingChange } from './object-rules.ts'
import { isChanged } from './set-value.ts'

/** The refusal of a validation rule whose conditions all hold. */
export function validationRefusal(rule: ValidationRule, change: PendingChange): RowError | null {
  if (!rule.conditions.every((condition) => holds(condition, change))) return null
  const fields = rule.errorField === undefined ? [] : [rule.errorField]
  return rowError('FIELD_CUSTOM_VALIDATION_EXCEPTION', rule.message, ...fields)
}

function holds(condition: Condition, { before, after }: PendingChange): boolean {
  const value = after[condition.field] ?? null
  switch (condition.is) {
    case 'equals':
      return value === condition.value
    case 'notEquals':
      return value !== condition.value
    case 'lessThan':
      return compare(value, condition.value) < 0
    case 'greaterThan':
      return compare(value, condition.value) > 0
    case 'matches':
      return value !== null && new RegExp(`^(?:${condition.value})$`, 'u').test(String(value))
    case 'isBlank':
      return value === null
    case 'isNotBlank':
      return value !== null
    case 'isChanged':
      // Nothing has changed on a record that is being made, as in the formula function.
      return before !== null && isChanged(before, after, condition.field)
  }
}

/** Numbers by size, texts and dates by their order; NaN, which is neither less nor greater, for the rest. */
function compare(value: FieldValue, other: string | number): number {
  if (typeof value === 'number' && typeof other === 'number') return value - other
  if (typeof value !== 'string' || typeof other !== 'string') return Number.NaN
  return value < other ? -1 : value > other ? 1 : 0
}
