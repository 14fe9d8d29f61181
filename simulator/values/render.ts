import type { FieldDefinition, FieldValue } from '../schema/field.ts'

/** A stored value as result files and query files show it: no value is an empty cell. */
export function renderCell(value: FieldValue): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  return renderNumber(value)
}

/** Plain digits: Salesforce shows no exponent below 10^21. */
function renderNumber(value: number): string {
  const text = value.toString()
  return text.includes('e') ? value.toFixed(15).replace(/\.?0+$/, '') : text
}

/** A stored value as REST answers show it: datetimes end in `+0000` there. */
export function renderJson(field: FieldDefinition, value: FieldValue): FieldValue {
  if (field.type === 'datetime' && typeof value === 'string') return restDatetime(value)
  return value
}

/** `2022-01-02T17:38:59.142Z` → `2022-01-02T17:38:59.142+0000`. */
export function restDatetime(iso: string): string {
  return iso.endsWith('Z') ? `${iso.slice(0, -1)}+0000` : iso
}
