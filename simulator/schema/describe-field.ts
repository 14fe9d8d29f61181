import { type FieldDefinition, isCustom, type ObjectDefinition } from './field.ts'

const NOT_AGGREGATABLE = ['boolean', 'multipicklist', 'address']
const NOT_GROUPABLE = [
  'double',
  'currency',
  'percent',
  'datetime',
  'time',
  'multipicklist',
  'address',
]
/** Parts of the name of a person. */
const NAME_PARTS = ['Salutation', 'FirstName', 'MiddleName', 'LastName', 'Suffix']

/** All 57 keys that a real org gives for a field. */
export function describeField(object: ObjectDefinition, field: FieldDefinition): object {
  const long = field.type === 'textarea' && field.length > 255
  const isAddress = field.type === 'address'
  const isNamePart = object.personName && NAME_PARTS.includes(field.name)
  const isWritable = field.createable || field.updateable || isAddress
  return {
    aggregatable: !long && !NOT_AGGREGATABLE.includes(field.type),
    aiPredictionField: false,
    autoNumber: field.autoNumber !== null,
    byteLength: field.type === 'id' || field.type === 'reference' ? 18 : field.length * 3,
    calculated: false,
    calculatedFormula: null,
    cascadeDelete: field.masterDetail,
    caseSensitive: field.caseSensitive,
    compoundFieldName: isNamePart ? 'Name' : field.compoundFieldName,
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
    extraTypeInfo: extraTypeInfo(object, field, isNamePart),
    filterable: !long,
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    groupable: !long && !NOT_GROUPABLE.includes(field.type),
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
    permissionable:
      isWritable &&
      !isNamePart &&
      !field.required &&
      field.system === null &&
      !field.nameField &&
      field.name !== 'OwnerId',
    picklistValues: picklistValues(field),
    polymorphicForeignKey: field.referenceTo.length > 1,
    precision: field.type === 'int' ? 0 : field.precision,
    queryByDistance: isAddress,
    referenceTargetField: null,
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName,
    relationshipOrder: field.masterDetail ? 0 : null,
    restrictedDelete: field.restrictedDelete && isCustom(field.name),
    restrictedPicklist: field.restricted,
    scale: field.scale,
    searchPrefilterable: field.type === 'reference' && field.createable && field.name !== 'OwnerId',
    soapType: soapType(field),
    sortable: !long && !isAddress && field.type !== 'multipicklist',
    type: field.type,
    unique: field.unique,
    updateable: field.updateable,
    writeRequiresMasterRead: field.masterDetail,
  }
}

/** The values that a field offers; none is ever inactive here. */
export function picklistValues(field: FieldDefinition): object[] {
  return field.picklist.map((value) => ({
    active: true,
    defaultValue: value === field.defaultValue,
    label: value,
    validFor: null,
    value,
  }))
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

function extraTypeInfo(
  object: ObjectDefinition,
  field: FieldDefinition,
  isNamePart: boolean,
): string | null {
  if (field.type === 'textarea') return 'plaintextarea'
  const isPerson = object.personName && (isNamePart || field.nameField)
  return isPerson && field.type === 'string' ? 'personname' : null
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
