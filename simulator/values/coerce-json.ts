import type { FieldDefinition } from '../schema/field.ts'
import { type Coerced, coerceText } from './coerce-text.ts'
import { rowError } from './row-error.ts'

/** Brings a value of a JSON body to what the field stores. An empty string means no value. */
export function coerceJson(field: FieldDefinition, value: unknown): Coerced {
  if (value === null || value === '') return null
  const fits = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  if (!fits) {
    return rowError(
      'JSON_PARSER_ERROR',
      `Cannot deserialize instance of ${field.type} from ${Array.isArray(value) ? 'START_ARRAY' : 'START_OBJECT'} value`,
    )
  }
  const text = String(value)
  const coerced = coerceText(field, text, 0)
  if (typeof coerced === 'object' && coerced?.code === 'INVALID_FIELD') {
    // REST words a wrong type differently from Bulk.
    return rowError(
      'JSON_PARSER_ERROR',
      `Cannot deserialize instance of ${field.type} from VALUE_STRING value ${text} or request may be missing a required field`,
    )
  }
  return coerced
}
