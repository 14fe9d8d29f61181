import { ApiError, notFound } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { canonicalId, keyPrefixOf } from '../ids.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import type { StoredRecord } from '../store/record-store.ts'
import { noSuchKey } from './find-object.ts'

/** A live record by the id of a path. Throws ApiError 404 where there is none, or no more. */
export function findRecord(org: Org, object: ObjectDefinition, text: string): StoredRecord {
  const id = canonicalId(text)
  if (id === null) return noSuchKey(text)
  const record = keyPrefixOf(id) === object.keyPrefix ? org.store.get(object, id) : null
  if (record === null) throw notFound()
  if (record.deleted) throw new ApiError(404, 'ENTITY_IS_DELETED', 'entity is deleted', [])
  return record
}
