import type { FieldDefinition } from '../schema/field.ts'

/** A value as the results of a list view show it: as text, and moments in their own long form. */
export function listValue(field: FieldDefinition, value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (field.type === 'datetime') return longDate(new Date(String(value)))
  return String(value)
}

/** `Fri Aug 01 21:15:46 GMT 2014`. */
function longDate(moment: Date): string {
  const [day, date, month, year, time] = moment.toUTCString().replace(',', '').split(' ')
  return `${day} ${month} ${date} ${time} GMT ${year}`
}
