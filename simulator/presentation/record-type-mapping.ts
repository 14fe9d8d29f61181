import { picklistValues } from '../schema/describe-field.ts'
import type { DescribedRecordType } from '../schema/describe-record-types.ts'
import type { ObjectDefinition } from '../schema/field.ts'

/** Which layout and which picklist values a record type shows: all of them show the same. */
export function recordTypeMappings(
  object: ObjectDefinition,
  types: readonly DescribedRecordType[],
  layoutId: string,
  root: string,
): object[] {
  const standard = types.find(({ active }) => active)
  return types.map((type) => ({
    active: type.active,
    available: type.active,
    defaultRecordTypeMapping: type === standard,
    developerName: type.developerName,
    layoutId,
    master: type.developerName === 'Master',
    name: type.name,
    picklistsForRecordType: object.fields
      .filter(({ picklist }) => picklist.length > 0)
      .map((field) => ({
        picklistName: field.name,
        picklistValues: picklistValues(field),
      })),
    recordTypeId: type.id,
    urls: { layout: `${root}/describe/layouts/${type.id}` },
  }))
}
