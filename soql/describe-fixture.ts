import type { FieldDescribe, ObjectDescribe } from '../contracts/metadata.ts'
import type { Schema } from './schema.ts'

/** For tests. */
export function fieldFixture(
  name: string,
  type = 'string',
  facts: Partial<FieldDescribe> = {},
): FieldDescribe {
  return {
    ...{ name, label: name, type, length: 255, precision: 18, scale: 2, digits: 0 },
    ...{ createable: true, updateable: true, nillable: true, defaultedOnCreate: false },
    ...{ externalId: false, idLookup: false, unique: false, caseSensitive: false },
    ...{ calculated: false, autoNumber: false, custom: false, restrictedPicklist: false },
    ...{ calculatedFormula: null, inlineHelpText: null, filterable: true, groupable: true },
    ...{ aggregatable: true, sortable: true, nameField: false },
    ...{ picklistValues: [], referenceTo: [], relationshipName: null, ...facts },
  }
}

/** For tests. */
export function objectFixture(name: string, fields: readonly FieldDescribe[]): ObjectDescribe {
  return {
    ...{ name, label: name, keyPrefix: '001', createable: true, updateable: true },
    ...{ deletable: true, queryable: true, retrieveable: true, custom: false },
    ...{ labelPlural: name, childRelationships: [] },
    fields: [fieldFixture('Id', 'id', { length: 18 }), ...fields],
  }
}

const lookup = (name: string, relationshipName: string, ...referenceTo: readonly string[]) =>
  fieldFixture(name, 'reference', { relationshipName, referenceTo })

const OBJECTS: readonly ObjectDescribe[] = [
  objectFixture('Account', [
    fieldFixture('Name'),
    fieldFixture('Industry', 'picklist'),
    fieldFixture('AnnualRevenue', 'currency'),
    fieldFixture('NumberOfEmployees', 'int'),
    fieldFixture('IsPartner', 'boolean'),
    fieldFixture('CreatedDate', 'datetime'),
    fieldFixture('Founded__c', 'date'),
    fieldFixture('Opens__c', 'time'),
    fieldFixture('Tags__c', 'multipicklist'),
    fieldFixture('Notes__c', 'textarea', { length: 32_768 }),
    fieldFixture('BillingAddress', 'address'),
    lookup('OwnerId', 'Owner', 'User'),
    lookup('ParentId', 'Parent', 'Account'),
  ]),
  objectFixture('User', [fieldFixture('Name'), fieldFixture('Email', 'email')]),
  objectFixture('Lead', [fieldFixture('LastName'), lookup('OwnerId', 'Owner', 'Group', 'User')]),
]

/** An org for tests, of which all is known but what is named. */
export function schemaFixture(notAskedFor: readonly string[] = []): Schema {
  return {
    describeOf(object) {
      if (notAskedFor.includes(object)) return undefined
      return OBJECTS.find(({ name }) => name.toLowerCase() === object.toLowerCase()) ?? null
    },
    nearestName(name, candidates) {
      // Stands for the search that the API has: the same letters in another order.
      const letters = (text: string) => [...text.toLowerCase()].sort().join('')
      return [...candidates].find((each) => letters(each) === letters(name)) ?? null
    },
  }
}
