import { type FieldDefinition, isCustom, type ObjectDefinition } from './field.ts'
import type { Schema } from './schema.ts'

/** What describe global says of an object: the part that needs no look at its fields. */
export function describeBrief(object: ObjectDefinition, version: number): object {
  const root = `/services/data/v${version}.0/sobjects/${object.name}`
  const custom = isCustom(object.name)
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: object.createable,
    custom,
    customSetting: false,
    deepCloneable: false,
    deletable: object.deletable,
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: object.keyPrefix,
    label: object.label,
    labelPlural: object.labelPlural,
    layoutable: true,
    mergeable: !custom && ['Account', 'Contact', 'Lead'].includes(object.name),
    mruEnabled: true,
    name: object.name,
    queryable: true,
    replicateable: true,
    retrieveable: true,
    searchable: true,
    triggerable: true,
    undeletable: object.deletable,
    updateable: object.updateable,
    urls: {
      sobject: root,
      describe: `${root}/describe`,
      rowTemplate: `${root}/{ID}`,
    },
  }
}

/** The full describe of an object. */
export function describeObject(schema: Schema, object: ObjectDefinition, version: number): object {
  return {
    ...describeBrief(object, version),
    actionOverrides: [],
    childRelationships: childRelationships(schema, object),
    compactLayoutable: true,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: object.fields.map(describeField),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: [],
    searchLayoutable: true,
    supportedScopes: [
      { label: `All ${object.labelPlural.toLowerCase()}`, name: 'everything' },
      { label: `My ${object.labelPlural.toLowerCase()}`, name: 'mine' },
    ],
  }
}

function childRelationships(schema: Schema, parent: ObjectDefinition): object[] {
  return schema.children(parent).map(({ child, field }) => ({
    cascadeDelete: field.cascadeDelete,
    childSObject: child.name,
    deprecatedAndHidden: false,
    field: field.name,
    junctionIdListNames: [],
    junctionReferenceTo: [],
    relationshipName: field.childRelationshipName,
    restrictedDelete: field.restrictedDelete,
  }))
}

/** All 57 keys that a real org gives for a field. */
export function describeField(field: FieldDefinition): object {
  const long = field.type === 'textarea' && field.length > 255
  return {
    aggregatable: !long && field.type !== 'boolean' && field.type !== 'multipicklist',
    aiPredictionField: false,
    autoNumber: field.autoNumber !== null,
    byteLength: field.type === 'id' || field.type === 'reference' ? 18 : field.length * 3,
    calculated: false,
    calculatedFormula: null,
    cascadeDelete: field.cascadeDelete,
    caseSensitive: field.caseSensitive,
    compoundFieldName: field.compoundFieldName,
    controllerName: null,
    createable: field.createable,
    custom: isCustom(field.name),
    defaultValue: field.defaultValue,
    defaultValueFormula: null,
    defaultedOnCreate: isDefaulted(field),
    dependentPicklist: false,
    deprecatedAndHidden: false,
    digits: field.type === 'int' ? field.precision : 0,
    displayLocationInDecimal: false,
    encrypted: false,
    externalId: field.externalId,
    extraTypeInfo: long ? 'plaintextarea' : null,
    filterable: !long,
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    groupable: !long && !['double', 'currency', 'percent', 'datetime'].includes(field.type),
    highScaleNumber: false,
    htmlFormatted: false,
    idLookup: field.externalId || field.type === 'id' || field.type === 'email',
    inlineHelpText: null,
    label: field.label,
    length: field.length,
    mask: null,
    maskType: null,
    name: field.name,
    nameField: field.nameField,
    namePointing: field.referenceTo.length > 1,
    nillable: !field.required && !isDefaulted(field),
    permissionable: !field.required && field.system === null && !field.nameField,
    picklistValues: field.picklist.map((value) => ({
      active: true,
      defaultValue: value === field.defaultValue,
      label: value,
      validFor: null,
      value,
    })),
    polymorphicForeignKey: field.referenceTo.length > 1,
    precision: field.type === 'int' ? 0 : field.precision,
    queryByDistance: false,
    referenceTargetField: null,
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName,
    relationshipOrder: field.cascadeDelete ? 0 : null,
    restrictedDelete: field.restrictedDelete,
    restrictedPicklist: field.restricted,
    scale: field.scale,
    searchPrefilterable: field.type === 'reference',
    soapType: soapType(field),
    sortable: !long && field.type !== 'multipicklist',
    type: field.type,
    unique: field.unique,
    updateable: field.updateable,
    writeRequiresMasterRead: field.cascadeDelete,
  }
}

/** Fields that get a value by themselves: a caller may leave them out although they are never empty. */
function isDefaulted(field: FieldDefinition): boolean {
  return (
    field.system !== null ||
    field.type === 'boolean' ||
    field.defaultValue !== null ||
    field.autoNumber !== null ||
    field.name === 'OwnerId'
  )
}

function soapType(field: FieldDefinition): string {
  switch (field.type) {
    case 'id':
    case 'reference':
      return 'tns:ID'
    case 'boolean':
      return 'xsd:boolean'
    case 'int':
      return 'xsd:int'
    case 'double':
    case 'currency':
    case 'percent':
      return 'xsd:double'
    case 'date':
      return 'xsd:date'
    case 'datetime':
      return 'xsd:dateTime'
    case 'string':
    case 'textarea':
    case 'email':
    case 'phone':
    case 'url':
    case 'picklist':
    case 'combobox':
    case 'multipicklist':
      return 'xsd:string'
    case 'time':
      return 'xsd:time'
    case 'address':
      return 'urn:address'
  }
}
