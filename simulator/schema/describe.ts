import { describeField } from './describe-field.ts'
import { type DescribedRecordType, recordTypeInfos } from './describe-record-types.ts'
import { isCustom, type ObjectDefinition } from './field.ts'
import type { Schema } from './schema.ts'

const MERGEABLE = ['Account', 'Contact', 'Lead']

/** What describe global says of an object: the part that needs no look at its fields. */
export function describeBrief(object: ObjectDefinition, version: number): object {
  const root = `/services/data/v${version}.0/sobjects/${object.name}`
  // What the org alone writes has no page of its own.
  const hasPages = object.createable
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: object.createable,
    custom: isCustom(object.name),
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
    layoutable: hasPages,
    mergeable: MERGEABLE.includes(object.name),
    mruEnabled: hasPages,
    name: object.name,
    queryable: true,
    replicateable: true,
    retrieveable: true,
    searchable: hasPages,
    triggerable: hasPages,
    undeletable: object.deletable,
    updateable: object.updateable,
    urls: {
      compactLayouts: `${root}/describe/compactLayouts`,
      rowTemplate: `${root}/{ID}`,
      approvalLayouts: `${root}/describe/approvalLayouts`,
      listviews: `${root}/listviews`,
      describe: `${root}/describe`,
      quickActions: `${root}/quickActions`,
      layouts: `${root}/describe/layouts`,
      sobject: root,
    },
  }
}

/** What a describe says that is not in the object's definition. */
export interface DescribeScope {
  readonly version: number
  readonly baseUrl: string
  readonly recordTypes: readonly DescribedRecordType[]
}

/** The full describe of an object. */
export function describeObject(
  schema: Schema,
  object: ObjectDefinition,
  { version, baseUrl, recordTypes }: DescribeScope,
): object {
  const brief = describeBrief(object, version)
  const root = `/services/data/v${version}.0/sobjects/${object.name}`
  return {
    ...brief,
    actionOverrides: [],
    childRelationships: childRelationships(schema, object),
    compactLayoutable: object.createable,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: object.fields.map((field) => describeField(object, field)),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: namedLayoutInfos(object, root),
    networkScopeFieldName: null,
    recordTypeInfos: recordTypeInfos(recordTypes, root),
    searchLayoutable: object.createable,
    sobjectDescribeOption: 'FULL',
    supportedScopes: supportedScopes(object),
    urls: {
      ...('urls' in brief && typeof brief.urls === 'object' ? brief.urls : {}),
      uiDetailTemplate: `${baseUrl}/{ID}`,
      uiEditTemplate: `${baseUrl}/{ID}/e`,
      defaultValues: `${root}/defaultValues?recordTypeId&fields`,
      uiNewRecord: `${baseUrl}/${object.keyPrefix}/e`,
    },
  }
}

/** The one layout that has a name of its own: how users see each other. */
function namedLayoutInfos(object: ObjectDefinition, root: string): object[] {
  if (object.name !== 'User') return []
  return [{ name: 'UserAlt', urls: { layout: `${root}/describe/namedLayouts/UserAlt` } }]
}

function supportedScopes(object: ObjectDefinition): object[] {
  const plural = object.labelPlural.toLowerCase()
  const all = { label: `All ${plural}`, name: 'everything' }
  const isOwned = object.fields.some((field) => field.name === 'OwnerId')
  return isOwned ? [all, { label: `My ${plural}`, name: 'mine' }] : [all]
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
