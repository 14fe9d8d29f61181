import type { FieldDefinition, FieldValue, ObjectDefinition } from '../schema/field.ts'

/** A compound address as REST answers show it. */
export type RenderedAddress = Readonly<Record<string, FieldValue>>

/** Parts in the order of an answer, and how their fields end. */
const PARTS = [
  'city',
  'country',
  'geocodeAccuracy',
  'latitude',
  'longitude',
  'postalCode',
  'state',
  'street',
] as const

/** Puts an address together from its parts; without any it is `null`. */
export function renderAddress(
  object: ObjectDefinition,
  address: FieldDefinition,
  values: Readonly<Record<string, FieldValue>>,
): RenderedAddress | null {
  const prefix = address.name.replace(/Address$/, '').toLowerCase()
  const fields = object.fields.filter((field) => field.compoundFieldName === address.name)
  const rendered = PARTS.map((part) => {
    const name = prefix + part.toLowerCase()
    const field = fields.find((candidate) => candidate.name.toLowerCase() === name)
    return [part, field === undefined ? null : (values[field.name] ?? null)] as const
  })
  const isEmpty = rendered.every(([, value]) => value === null)
  return isEmpty ? null : Object.fromEntries(rendered)
}
