/** Objects and fields as data. Adding one is adding a definition, nothing else. */

/** Field types by their names in describe. */
export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'email'
  | 'phone'
  | 'url'
  | 'picklist'
  | 'multipicklist'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'reference'

/** What a field holds in the store. Dates are `YYYY-MM-DD`, datetimes `YYYY-MM-DDTHH:MM:SS.mmmZ`. */
export type FieldValue = string | number | boolean | null

/** Fields that the store itself keeps: no caller writes them. */
export type SystemColumn = 'id' | 'created' | 'modified' | 'deleted' | 'user'

export interface FieldDefinition {
  readonly name: string
  readonly label: string
  readonly type: FieldType
  /** Characters, for text; 18 for ids and references. */
  readonly length: number
  /** Digits in all and after the point, for numbers. */
  readonly precision: number
  readonly scale: number
  readonly required: boolean
  readonly createable: boolean
  readonly updateable: boolean
  readonly unique: boolean
  readonly externalId: boolean
  readonly nameField: boolean
  readonly restricted: boolean
  readonly picklist: readonly string[]
  readonly defaultValue: FieldValue
  readonly referenceTo: readonly string[]
  readonly relationshipName: string | null
  readonly compoundFieldName: string | null
  /** Set where the value is not in the record's own data. */
  readonly system: SystemColumn | null
}

export interface ObjectDefinition {
  readonly name: string
  readonly label: string
  readonly labelPlural: string
  readonly keyPrefix: string
  readonly fields: readonly FieldDefinition[]
  /** Whether the name is put together from FirstName and LastName. */
  readonly personName: boolean
}

/** Objects and fields that an administrator added end in `__c`. */
export function isCustom(name: string): boolean {
  return name.toLowerCase().endsWith('__c')
}
