import { isCustom, type ObjectDefinition } from '../schema/field.ts'
import type { ChildRelationship, Schema } from '../schema/schema.ts'

/** Rows that a related list shows before one asks for more. */
const ROWS = 5

/** The children of a record as lists on its page: those that can be queried by a name. */
export function relatedLists(schema: Schema, object: ObjectDefinition): object[] {
  return schema
    .children(object)
    .filter(({ field }) => field.childRelationshipName !== null && field.system === null)
    .map(relatedList)
}

function relatedList({ child, field }: ChildRelationship): object {
  const name = child.fields.find(({ nameField }) => nameField)
  return {
    accessLevelRequiredForCreate: null,
    buttons: [],
    columns:
      name === undefined
        ? []
        : [
            {
              field: `${child.name}.${name.name}`,
              fieldApiName: name.name,
              format: null,
              label: name.label,
              lookupId: `${child.name}.Id`,
              name: name.name,
              sortable: true,
            },
          ],
    custom: isCustom(child.name),
    field: field.name,
    label: child.labelPlural,
    limitRows: ROWS,
    name: field.childRelationshipName,
    sobject: child.name,
    sort: [],
  }
}
