import type { FieldDescribe, ObjectDescribe } from '../contracts/metadata.ts'

/** What is known of the org's objects. */
export interface Schema {
  /** By name without regard to case. Undefined: not asked for yet; null: there is none, or it cannot be seen. */
  describeOf(object: string): ObjectDescribe | null | undefined
  /** The candidate that was most likely meant; null where none is near. */
  nearestName(name: string, candidates: Iterable<string>): string | null
}

function field(name: string, type: string, facts: Partial<FieldDescribe> = {}): FieldDescribe {
  return {
    ...{ name, label: name, type, length: 255, precision: 0, scale: 0, digits: 0 },
    ...{ createable: false, updateable: false, nillable: true, defaultedOnCreate: false },
    ...{ externalId: false, idLookup: false, unique: false, caseSensitive: false },
    ...{ calculated: false, autoNumber: false, custom: false, restrictedPicklist: false },
    ...{ calculatedFormula: null, inlineHelpText: null, filterable: true, groupable: true },
    ...{ aggregatable: true, sortable: true, nameField: false },
    ...{ picklistValues: [], referenceTo: [], relationshipName: null, ...facts },
  }
}

/**
 * What can be read of a parent that may be one of several objects, as `Owner` of a Lead or `What` of a Task
 * (SOQL and SOSL Reference, "Understanding Polymorphic Keys and Relationships"; Object Reference, "Name").
 */
export const NAME_OBJECT: ObjectDescribe = {
  ...{ name: 'Name', label: 'Name', keyPrefix: null, createable: false, updateable: false },
  ...{ deletable: false, queryable: true, retrieveable: true, custom: false },
  ...{ labelPlural: 'Names', childRelationships: [] },
  fields: [
    field('Id', 'id', { length: 18 }),
    ...['Name', 'FirstName', 'LastName', 'Alias', 'Title', 'Username'].map((name) =>
      field(name, 'string'),
    ),
    field('Type', 'picklist'),
    field('Email', 'email'),
    field('Phone', 'phone'),
    field('IsActive', 'boolean'),
    field('ProfileId', 'reference', { referenceTo: ['Profile'], relationshipName: 'Profile' }),
    field('UserRoleId', 'reference', { referenceTo: ['UserRole'], relationshipName: 'UserRole' }),
  ],
}
