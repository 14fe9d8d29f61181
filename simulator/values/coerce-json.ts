import type { FieldDefinition } from '../schema/field.ts'
import { type Coerced, coerceText } from './coerce-text.ts'
import { jsonToken } from './json-token.ts'
import { type RowError, rowError } from './row-error.ts'

/** JSON takes ISO forms alone, where CSV files may be looser. */
const DATE = /^\d{4}-\d{2}-\d{2}(T.+)?$/
const INTEGER = /^([+-]?\d+)\.0+$/

/**
 * Brings a value of a JSON body to what the field stores. A value that the field's type cannot read
 * is refused with JSON_PARSER_ERROR: the caller adds the place, and refuses the whole call.
 */
export function coerceJson(field: FieldDefinition, value: unknown): Coerced {
  if (value === null) return null
  if (typeof value === 'object') return unreadable(field, value)
  switch (field.type) {
    case 'string':
    case 'textarea':
    case 'email':
    case 'phone':
    case 'url':
    case 'picklist':
    case 'combobox':
    case 'multipicklist':
    case 'id':
    case 'reference':
      return value === '' ? null : coerceText(field, String(value), 0)
    case 'date':
    case 'datetime':
      if (typeof value !== 'string' || !DATE.test(value.trim())) return unreadable(field, value)
      return typed(field, value, value)
    case 'time':
      return typeof value === 'string' ? typed(field, value, value) : unreadable(field, value)
    case 'boolean':
      // CSV files may say `1` or `FALSE`; live orgs refuse both in JSON.
      if (value !== true && value !== false && value !== 'true' && value !== 'false') {
        return unreadable(field, value)
      }
      return typed(field, String(value), value)
    case 'int':
      if (typeof value === 'boolean') return unreadable(field, value)
      return typed(field, String(value).trim().replace(INTEGER, '$1'), value)
    case 'double':
    case 'currency':
    case 'percent':
      if (typeof value === 'boolean') return unreadable(field, value)
      return typed(field, String(value), value)
    case 'address':
      return unreadable(field, value)
  }
}

function typed(field: FieldDefinition, text: string, value: unknown): Coerced {
  const coerced = coerceText(field, text, 0)
  const isWrongType = typeof coerced === 'object' && coerced?.code === 'INVALID_FIELD'
  return isWrongType ? unreadable(field, value) : coerced
}

function unreadable(field: FieldDefinition, value: unknown): RowError {
  return rowError(
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of ${field.type} from ${jsonToken(value)} or request may be missing a required field`,
  )
}
