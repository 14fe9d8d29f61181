import type { Org } from '../http/org-context.ts'
import { makeId } from '../ids.ts'
import type { DescribedRecordType } from '../schema/describe-record-types.ts'
import type { ObjectDefinition } from '../schema/field.ts'

/** More than an org may have. */
const MOST_RECORD_TYPES = 10_000

/** When a record type of an object was last made or changed; 0 where there is none. */
export function recordTypesChanged(org: Org, object: ObjectDefinition): number {
  const recordType = org.schema.object('RecordType')
  if (recordType === null) return 0
  return org.store
    .page(recordType, 0, MOST_RECORD_TYPES)
    .filter(({ fields }) => fields['SobjectType'] === object.name)
    .reduce((latest, { modified }) => Math.max(latest, modified), 0)
}

/** The record types that the org holds for an object, the master type left out. */
export function recordTypesOf(org: Org, object: ObjectDefinition): DescribedRecordType[] {
  const recordType = org.schema.object('RecordType')
  if (recordType === null) return []
  return org.store
    .page(recordType, 0, MOST_RECORD_TYPES)
    .filter(({ deleted, fields }) => !deleted && fields['SobjectType'] === object.name)
    .map(({ n, fields }) => ({
      id: makeId(recordType.keyPrefix, n),
      name: String(fields['Name'] ?? ''),
      developerName: String(fields['DeveloperName'] ?? ''),
      active: fields['IsActive'] !== false,
    }))
}
