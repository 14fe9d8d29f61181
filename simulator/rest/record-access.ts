import type { Org } from '../http/org-context.ts'
import { makeId } from '../ids.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import type { StoredRecord } from '../store/record-store.ts'
import { acceptWrite, refusedRecord } from './accept-write.ts'
import {
  checkPreconditions,
  makeEtag,
  notModified,
  type Stand,
  standHeaders,
} from './conditional.ts'
import { readRecord } from './read-record.ts'
import { refuseOwnKey } from './refuse-own-key.ts'
import type { RestAnswer, RestCall } from './resource.ts'
import { askedFields, readAnswer } from './selected-fields.ts'

/** Only records of Account have an ETag; the date of all counts in conditions. */
function standOf(object: ObjectDefinition, { n, modified }: StoredRecord): Stand {
  return { modified, etag: object.name === 'Account' ? makeEtag(object.name, n, modified) : null }
}

/** Answers a read of one record, however the caller found it. */
export function answerRecord(
  org: Org,
  call: RestCall,
  object: ObjectDefinition,
  record: StoredRecord,
): RestAnswer {
  const stand = standOf(object, record)
  const names = askedFields(call.query.get('fields'))
  const body = readAnswer(org, object, record, names, call.version)
  return notModified(call, stand) ?? { status: 200, headers: standHeaders(stand), body }
}

/** Updates one record with the call's body. Throws ApiError. */
export function updateRecord(
  org: Org,
  call: RestCall,
  object: ObjectDefinition,
  record: StoredRecord,
): string {
  checkPreconditions(call, standOf(object, record))
  const json = call.body.object()
  refuseOwnKey(json, 'Id')
  const { values, error } = readRecord(org, object, json, call.body, [])
  if (error !== null) throw refusedRecord(call, error)
  const id = makeId(object.keyPrefix, record.n)
  return acceptWrite(call, org.writer.update(object, id, values, call.context)).id
}

/** Deletes one record. Throws ApiError. */
export function deleteRecord(
  org: Org,
  call: RestCall,
  object: ObjectDefinition,
  record: StoredRecord,
): void {
  checkPreconditions(call, standOf(object, record))
  const id = makeId(object.keyPrefix, record.n)
  acceptWrite(call, org.writer.delete(object, id, false, call.context))
}
