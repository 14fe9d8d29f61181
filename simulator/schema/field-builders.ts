import {
  type FieldDefinition,
  type FieldType,
  MASTER_RECORD,
  type ObjectDefinition,
} from './field.ts'
import { CLEAN_STATUSES, GEOCODE_ACCURACIES } from './picklists.ts'

/** What a definition may say beyond name and type. */
export type FieldOptions = Partial<Omit<FieldDefinition, 'name' | 'type'>>

function field(name: string, type: FieldType, options: FieldOptions): FieldDefinition {
  return {
    name,
    type,
    label: labelOf(name),
    length: 0,
    precision: 0,
    scale: 0,
    required: false,
    createable: true,
    updateable: true,
    unique: false,
    externalId: false,
    nameField: false,
    restricted: false,
    picklist: [],
    defaultValue: null,
    referenceTo: [],
    relationshipName: null,
    childRelationshipName: null,
    masterDetail: false,
    cascadeDelete: false,
    restrictedDelete: false,
    caseSensitive: false,
    autoNumber: null,
    compoundFieldName: null,
    revised: false,
    system: null,
    ...options,
  }
}

/** `BillingPostalCode` → `Billing Postal Code`; `External_Id__c` → `External Id`. */
function labelOf(name: string): string {
  return name
    .replace(/__c$/, '')
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
}

export const text = (name: string, length: number, options: FieldOptions = {}): FieldDefinition =>
  field(name, 'string', { length, ...options })

export const longText = (name: string, length: number, options: FieldOptions = {}) =>
  field(name, 'textarea', { length, ...options })

export const email = (name: string, options: FieldOptions = {}): FieldDefinition =>
  field(name, 'email', { length: 80, ...options })

export const phone = (name: string, options: FieldOptions = {}): FieldDefinition =>
  field(name, 'phone', { length: 40, ...options })

export const url = (name: string, options: FieldOptions = {}): FieldDefinition =>
  field(name, 'url', { length: 255, ...options })

export const checkbox = (name: string, options: FieldOptions = {}): FieldDefinition =>
  field(name, 'boolean', { defaultValue: false, ...options })

export const integer = (name: string, digits = 8, options: FieldOptions = {}): FieldDefinition =>
  field(name, 'int', { precision: digits, ...options })

export const decimal = (name: string, precision: number, scale: number, options = {}) =>
  field(name, 'double', { precision, scale, ...options })

export const currency = (name: string, precision = 18, scale = 0, options: FieldOptions = {}) =>
  field(name, 'currency', { precision, scale, ...options })

export const percent = (name: string, precision = 3, scale = 0, options: FieldOptions = {}) =>
  field(name, 'percent', { precision, scale, ...options })

export const date = (name: string, options: FieldOptions = {}): FieldDefinition =>
  field(name, 'date', options)

export const datetime = (name: string, options: FieldOptions = {}): FieldDefinition =>
  field(name, 'datetime', options)

export const time = (name: string, options: FieldOptions = {}): FieldDefinition =>
  field(name, 'time', options)

/** A picklist that takes any text, as the standard ones do unless an administrator restricts them. */
export const picklist = (name: string, values: readonly string[], options: FieldOptions = {}) =>
  field(name, 'picklist', { length: 255, picklist: values, ...options })

export const multipicklist = (name: string, values: readonly string[], options = {}) =>
  field(name, 'multipicklist', { length: 4099, picklist: values, ...options })

/** A picklist whose values are suggestions, as the subject of a task. */
export const combobox = (name: string, values: readonly string[], options: FieldOptions = {}) =>
  field(name, 'combobox', { length: 255, picklist: values, ...options })

/** `referenceTo` with several objects is a polymorphic lookup, as `WhoId` of a task. */
export const lookup = (
  name: string,
  referenceTo: string | readonly string[],
  options: FieldOptions = {},
) =>
  field(name, 'reference', {
    length: 18,
    referenceTo: typeof referenceTo === 'string' ? [referenceTo] : referenceTo,
    relationshipName: name.endsWith('__c') ? name.replace(/__c$/, '__r') : name.replace(/Id$/, ''),
    ...options,
  })

/** A lookup that is part of the record: never empty, and the record goes when the parent goes. */
export const masterDetail = (name: string, referenceTo: string, options: FieldOptions = {}) =>
  lookup(name, referenceTo, {
    required: true,
    updateable: false,
    masterDetail: true,
    cascadeDelete: true,
    ...options,
  })

/** A number that the org gives, such as `{00000000}`. */
export const autoNumber = (name: string, format: string, options: FieldOptions = {}) =>
  text(name, 30, { autoNumber: format, createable: false, updateable: false, ...options })

/** A text field that is both unique and an external id: what an upsert or a correlation needs. */
export const externalId = (name: string, length = 255): FieldDefinition =>
  text(name, length, { unique: true, externalId: true })

/** The org keeps the value: no caller writes it. */
export const readOnly = { createable: false, updateable: false } as const

/** Given when the record is made, and kept from then on. */
export const writeOnce = { updateable: false } as const

/** A person's full name, put together from its parts. */
export const fullName = (): FieldDefinition =>
  text('Name', 121, { label: 'Full Name', nameField: true, ...readOnly })

/** Every object begins with these. */
function systemFields(): FieldDefinition[] {
  return [
    field('Id', 'id', { label: 'Record ID', length: 18, system: 'id', ...readOnly }),
    checkbox('IsDeleted', { label: 'Deleted', system: 'deleted', ...readOnly }),
    datetime('CreatedDate', { system: 'created', ...readOnly }),
    lookup('CreatedById', 'User', { system: 'createdBy', ...readOnly }),
    datetime('LastModifiedDate', { system: 'modified', ...readOnly }),
    lookup('LastModifiedById', 'User', { system: 'modifiedBy', ...readOnly }),
    datetime('SystemModstamp', { system: 'modified', ...readOnly }),
  ]
}

/** Street, city and the rest, all parts of one compound address, and the address itself. */
export function address(prefix: string): FieldDefinition[] {
  const part = { compoundFieldName: `${prefix}Address` }
  return [
    longText(`${prefix}Street`, 255, part),
    text(`${prefix}City`, 40, part),
    text(`${prefix}State`, 80, part),
    text(`${prefix}PostalCode`, 20, part),
    text(`${prefix}Country`, 80, part),
    decimal(`${prefix}Latitude`, 18, 15, part),
    decimal(`${prefix}Longitude`, 18, 15, part),
    picklist(`${prefix}GeocodeAccuracy`, GEOCODE_ACCURACIES, {
      length: 40,
      restricted: true,
      ...part,
    }),
    field(`${prefix}Address`, 'address', readOnly),
  ]
}

/** The record that this one was merged into; the org keeps the field, and nothing is ever merged here. */
export const masterRecord = (object: string): FieldDefinition =>
  lookup(MASTER_RECORD, object, { label: 'Master Record ID', ...readOnly })

/** When the calling user last looked at the record, or at one that refers to it. */
export const lastViewed = (): FieldDefinition[] => [
  datetime('LastViewedDate', readOnly),
  datetime('LastReferencedDate', readOnly),
]

export const cleanStatus = (): FieldDefinition =>
  picklist('CleanStatus', CLEAN_STATUSES, { length: 40, restricted: true })

/** What an object's definition may say beyond name, prefix and fields. */
export interface ObjectOptions
  extends Partial<Omit<ObjectDefinition, 'name' | 'keyPrefix' | 'fields'>> {
  /** System fields that the object lacks. */
  readonly without?: readonly string[]
}

/** An object's definition; the system fields come by themselves. */
export function object(
  name: string,
  keyPrefix: string,
  own: readonly FieldDefinition[],
  options: ObjectOptions = {},
): ObjectDefinition {
  const without = options.without ?? []
  const label = options.label ?? labelOf(name)
  const plural = label.endsWith('y') ? `${label.slice(0, -1)}ies` : `${label}s`
  return {
    name,
    keyPrefix,
    label,
    labelPlural: options.labelPlural ?? plural,
    personName: options.personName ?? false,
    createable: options.createable ?? true,
    updateable: options.updateable ?? true,
    deletable: options.deletable ?? true,
    fields: [...systemFields().filter((field) => !without.includes(field.name)), ...own],
  }
}
