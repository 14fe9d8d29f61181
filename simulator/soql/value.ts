import type { FieldDefinition, FieldType } from '../schema/field.ts'
import type { Parameters } from './parameters.ts'

/** Something that has a value in each row: a field, perhaps of a parent, or a function of one. */
export interface Value {
  /** The SQL expression. Names in it come from the schema, never from a caller. */
  readonly sql: string
  /** How the result of `sql` stands for the value; ids and system times are kept as numbers. */
  readonly form: 'plain' | 'record number' | 'milliseconds'
  /** Of a record number: what its id begins with. */
  readonly keyPrefix: string
  readonly type: FieldType
  /** The field, or the one that the function works on. */
  readonly field: FieldDefinition
  /** As messages name it. */
  readonly name: string
  /** The column that holds a unique or external-id field in lower case; it has an index. */
  readonly key: string | null
}

/** What comparisons, orders and functions ask of a type. */
export type Kind = 'text' | 'number' | 'boolean' | 'date' | 'datetime' | 'time' | 'id' | 'address'

export function kindOf(type: FieldType): Kind {
  switch (type) {
    case 'string':
    case 'textarea':
    case 'email':
    case 'phone':
    case 'url':
    case 'picklist':
    case 'combobox':
    case 'multipicklist':
      return 'text'
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      return 'number'
    case 'id':
    case 'reference':
      return 'id'
    case 'boolean':
    case 'date':
    case 'datetime':
    case 'time':
    case 'address':
      return type
  }
}

/** The longest text area that is not a long one. */
const LONGEST_SHORT_TEXT = 255

/** Long text can be read, but not filtered, sorted, grouped or aggregated. */
export function isLongText(value: Value): boolean {
  return value.type === 'textarea' && value.field.length > LONGEST_SHORT_TEXT
}

/** The SQL expression that sorts a value as the org sorts it: text without case, picklists by their list. */
export function sortKey(value: Value, parameters: Parameters): string {
  if (value.type === 'picklist') {
    return `soql_rank(${value.sql}, ${parameters.add(JSON.stringify(value.field.picklist))})`
  }
  return kindOf(value.type) === 'text' ? `soql_upper(${value.sql})` : value.sql
}

/** The SQL expression that is the same for values that count as equal. */
export function equalityKey(value: Value): string {
  if (value.type === 'boolean') return `coalesce(${value.sql}, 0)`
  if (kindOf(value.type) !== 'text' || value.field.caseSensitive) return value.sql
  return `soql_fold(${value.sql})`
}
