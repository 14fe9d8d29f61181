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
  | 'combobox'
  | 'multipicklist'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'time'
  | 'reference'
  | 'address'

/**
 * What a field holds in the store. Dates are `YYYY-MM-DD`, datetimes `YYYY-MM-DDTHH:MM:SS.mmmZ`,
 * times `HH:MM:SS.mmmZ`. An address holds nothing: it is put together from its parts when it is read.
 */
export type FieldValue = string | number | boolean | null

/** Fields that the store itself keeps: no caller writes them. */
export type SystemColumn = 'id' | 'created' | 'createdBy' | 'modified' | 'modifiedBy' | 'deleted'

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
  /** The way up, as in `Account.Name`. */
  readonly relationshipName: string | null
  /** The way down from the parent, as in `(SELECT Id FROM Contacts)`; `null` for none. */
  readonly childRelationshipName: string | null
  /** The child is part of its parent: it has always one, and goes and comes back with it. */
  readonly masterDetail: boolean
  /** Deleting the parent deletes the child. Where neither this nor the next is set, the lookup is cleared. */
  readonly cascadeDelete: boolean
  /** A parent that has such children cannot be deleted. */
  readonly restrictedDelete: boolean
  /** For unique and external-id fields: whether `a` and `A` are two values. */
  readonly caseSensitive: boolean
  /** Display format such as `CASE-{00000000}`; the org numbers its records. */
  readonly autoNumber: string | null
  readonly compoundFieldName: string | null
  /** An administrator changed it: what the org has stored counts, not what a release brings. */
  readonly revised: boolean
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
  /** Rights that a caller has on the object as a whole; an object the org writes itself has none. */
  readonly createable: boolean
  readonly updateable: boolean
  readonly deletable: boolean
}

/** Objects and fields that an administrator added end in `__c`. */
export function isCustom(name: string): boolean {
  return name.toLowerCase().endsWith('__c')
}

/** The lookup to the record that another was merged into: no relationship of parent and child. */
export const MASTER_RECORD = 'MasterRecordId'

/** The lookup that a relationship goes up by, as `Account` in `Account.Name`; `null` for none. */
export function lookupNamed(
  object: ObjectDefinition,
  relationship: string,
): FieldDefinition | null {
  const lower = relationship.toLowerCase()
  return object.fields.find((field) => field.relationshipName?.toLowerCase() === lower) ?? null
}
