import { coerceText, isRowError } from '../values/coerce-text.ts'
import type { CustomField } from './custom-schema.ts'
import type { FieldDefinition, FieldValue, ObjectDefinition } from './field.ts'
import * as f from './field-builders.ts'
import { SchemaProblem } from './schema-problem.ts'

type Owner = Pick<ObjectDefinition, 'name' | 'labelPlural'>

/** Makes the definition of a custom field. Throws SchemaProblem where it cannot be. */
export function customField(
  owner: Owner,
  field: CustomField,
  known: (name: string) => ObjectDefinition | null,
): FieldDefinition {
  const made = definitionOf(owner, field, known)
  return { ...made, defaultValue: defaultOf(made) }
}

/** New records get a default as it stands: it must be what the field could store. */
function defaultOf(field: FieldDefinition): FieldValue {
  if (field.defaultValue === null) return null
  const value = coerceText(field, String(field.defaultValue), 0)
  if (!isRowError(value)) return value
  throw new SchemaProblem(`${field.name}: the default is refused: ${value.message}`)
}

function definitionOf(
  owner: Owner,
  field: CustomField,
  known: (name: string) => ObjectDefinition | null,
): FieldDefinition {
  const { name, required } = field
  const label = field.label === undefined ? {} : { label: field.label }
  const common = { required, ...label }
  switch (field.type) {
    case 'text':
      return f.text(name, field.length, {
        ...common,
        ...keyOf(field),
        caseSensitive: field.unique && field.caseSensitive,
        defaultValue: field.default ?? null,
      })
    case 'longText':
      return f.longText(name, field.length, common)
    case 'number':
    case 'currency':
    case 'percent':
      return numberField(field, common)
    case 'checkbox':
      return f.checkbox(name, { ...label, defaultValue: field.default })
    case 'date':
      return f.date(name, common)
    case 'datetime':
      return f.datetime(name, common)
    case 'time':
      return f.time(name, common)
    case 'email':
      return f.email(name, { ...common, ...keyOf(field) })
    case 'phone':
      return f.phone(name, common)
    case 'url':
      return f.url(name, common)
    case 'picklist':
      checkValues(name, field.values, field.restricted, field.default ?? null)
      return f.picklist(name, field.values, {
        ...common,
        restricted: field.restricted,
        defaultValue: field.default ?? null,
      })
    case 'multipicklist':
      checkValues(name, field.values, field.restricted, null)
      return f.multipicklist(name, field.values, { ...common, restricted: field.restricted })
    case 'lookup':
      if (required && field.onDelete === 'clear') {
        throw new SchemaProblem(`${name}: a required lookup cannot be cleared; use restrict`)
      }
      return f.lookup(name, targetOf(name, field.to, known), {
        ...common,
        childRelationshipName: field.childRelationshipName ?? relationshipOf(owner),
        restrictedDelete: field.onDelete === 'restrict',
      })
    case 'masterDetail':
      return f.masterDetail(name, targetOf(name, field.to, known), {
        ...label,
        childRelationshipName: field.childRelationshipName ?? relationshipOf(owner),
        updateable: field.reparentable,
      })
    case 'autoNumber':
      return f.autoNumber(name, field.format, { ...label, externalId: field.externalId })
  }
}

function keyOf(field: { readonly unique: boolean; readonly externalId: boolean }) {
  return { unique: field.unique, externalId: field.externalId }
}

function numberField(
  field: Extract<CustomField, { type: 'number' | 'currency' | 'percent' }>,
  common: f.FieldOptions,
): FieldDefinition {
  const { name, precision, scale } = field
  if (scale > precision) throw new SchemaProblem(`${name}: scale is larger than precision`)
  const options = { ...common, defaultValue: field.default ?? null }
  switch (field.type) {
    case 'number':
      return f.decimal(name, precision, scale, { ...options, ...keyOf(field) })
    case 'currency':
      return f.currency(name, precision, scale, options)
    case 'percent':
      return f.percent(name, precision, scale, options)
  }
}

/** Throws SchemaProblem where a picklist repeats a value or defaults to one that it lacks. */
export function checkValues(
  name: string,
  values: readonly string[],
  restricted: boolean,
  defaultValue: string | null,
): void {
  const lower = new Set(values.map((value) => value.toLowerCase()))
  if (lower.size < values.length) throw new SchemaProblem(`${name}: a value is there twice`)
  if (restricted && defaultValue !== null && !values.includes(defaultValue)) {
    throw new SchemaProblem(`${name}: the default is none of the values`)
  }
}

function targetOf(
  name: string,
  to: string,
  known: (name: string) => ObjectDefinition | null,
): string {
  const target = known(to)
  if (target === null) throw new SchemaProblem(`${name}: there is no object ${to}`)
  return target.name
}

/** `Line Items` → `Line_Items__r`; a label that gives no name leaves it to the object's own. */
function relationshipOf({ name, labelPlural }: Owner): string {
  const word = labelPlural.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_|_$/g, '')
  return `${/^[A-Za-z]/.test(word) ? word : name.replace(/__c$/, '')}__r`
}
