import type { ObjectBody } from '../../contracts/http/metadata.ts'
import type { FieldDescribe, ObjectDescribe, ObjectSummary } from '../../contracts/metadata.ts'

/** The facts of an object that its line in the list has too. */
export function summaryBody(object: ObjectSummary) {
  const { name, label, custom, createable, updateable, deletable, queryable, retrieveable } = object
  return {
    ...{ name, label, label_plural: object.labelPlural, key_prefix: object.keyPrefix, custom },
    ...{ createable, updateable, deletable, queryable, retrieveable },
  }
}

/** An object as /v1 shows it. */
export function objectBody(
  describe: ObjectDescribe,
  asOf: Date,
  connectionId: string | undefined,
): ObjectBody {
  const path = `/v1/objects/${encodeURIComponent(describe.name)}`
  const query =
    connectionId === undefined ? '' : `connection_id=${encodeURIComponent(connectionId)}`
  const withQuery = (address: string) => (query === '' ? address : `${address}?${query}`)
  return {
    ...summaryBody(describe),
    fields: describe.fields.map(fieldBody),
    child_relationships: relationshipBodies(describe),
    as_of: asOf.toISOString(),
    links: {
      self: withQuery(path),
      types: withQuery(`${path}/types.ts`),
      changes: `/v1/metadata-changes?object=${encodeURIComponent(describe.name)}${query && `&${query}`}`,
    },
  }
}

function fieldBody(field: FieldDescribe): ObjectBody['fields'][number] {
  const { name, label, type, length, precision, scale, digits, custom } = field
  const { createable, updateable, nillable, unique, calculated } = field
  const { filterable, groupable, aggregatable, sortable } = field
  return {
    ...{ name, label, type, length, precision, scale, digits, custom },
    ...{ createable, updateable, nillable, defaulted_on_create: field.defaultedOnCreate },
    ...{ external_id: field.externalId, id_lookup: field.idLookup, unique },
    ...{ case_sensitive: field.caseSensitive, name_field: field.nameField },
    ...{ auto_number: field.autoNumber, calculated, formula: field.calculatedFormula },
    ...{ help_text: field.inlineHelpText, filterable, groupable, aggregatable, sortable },
    restricted_picklist: field.restrictedPicklist,
    picklist_values: field.picklistValues.map((each) => ({ ...each })),
    reference_to: [...field.referenceTo],
    relationship_name: field.relationshipName,
  }
}

/** The relationships of which the object is the parent, in the words of callers. */
export function relationshipBodies({ childRelationships }: ObjectDescribe) {
  return childRelationships.map((each) => ({
    field: each.field,
    relationship_name: each.relationshipName,
    child_sobject: each.childSObject,
    cascade_delete: each.cascadeDelete,
    restricted_delete: each.restrictedDelete,
  }))
}
