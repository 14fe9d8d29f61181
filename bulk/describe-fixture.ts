import type { FieldDescribe, ObjectDescribe } from '../contracts/metadata.ts'

/** A writable text field of 255 characters, but for what `facts` say. For tests. */
export function fieldFixture(name: string, facts: Partial<FieldDescribe> = {}): FieldDescribe {
  return {
    name,
    label: name,
    type: 'string',
    length: 255,
    precision: 18,
    scale: 2,
    digits: 0,
    createable: true,
    updateable: true,
    nillable: true,
    defaultedOnCreate: false,
    externalId: false,
    idLookup: false,
    unique: false,
    caseSensitive: false,
    calculated: false,
    autoNumber: false,
    custom: name.endsWith('__c'),
    restrictedPicklist: false,
    picklistValues: [],
    referenceTo: [],
    relationshipName: null,
    calculatedFormula: null,
    inlineHelpText: null,
    filterable: true,
    groupable: true,
    aggregatable: true,
    sortable: true,
    nameField: false,
    ...facts,
  }
}

/** An object that allows everything, with an Id and the given fields. For tests. */
export function objectFixture(
  fields: readonly FieldDescribe[],
  facts: Partial<ObjectDescribe> = {},
): ObjectDescribe {
  const id = fieldFixture('Id', {
    type: 'id',
    length: 18,
    createable: false,
    updateable: false,
    idLookup: true,
  })
  return {
    name: 'Account',
    label: 'Account',
    labelPlural: 'Accounts',
    keyPrefix: '001',
    createable: true,
    updateable: true,
    deletable: true,
    queryable: true,
    retrieveable: true,
    custom: false,
    fields: [id, ...fields],
    childRelationships: [],
    ...facts,
  }
}
