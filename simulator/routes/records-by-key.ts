import { ApiError, notFound } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { makeId } from '../ids.ts'
import { acceptWrite, refusedRecord } from '../rest/accept-write.ts'
import { calledObject, keyField } from '../rest/find-object.ts'
import { findRecord } from '../rest/find-record.ts'
import { readRecord } from '../rest/read-record.ts'
import { answerRecord, deleteRecord, updateRecord } from '../rest/record-access.ts'
import { refuseOwnKey } from '../rest/refuse-own-key.ts'
import { parameter, type RestAnswer, type RestCall, recordPath } from '../rest/resource.ts'
import type { FieldDefinition, FieldValue, ObjectDefinition } from '../schema/field.ts'
import type { StoredRecord } from '../store/record-store.ts'
import { coerceJson } from '../values/coerce-json.ts'
import { isRowError } from '../values/coerce-text.ts'
import { createdAnswer } from './records.ts'

/** Since this version an upsert that found its record says so in a body. */
const VERSION_WITH_BODY = 46

/** What a path such as `External_Id__c/4711` names. */
interface KeyedCall {
  readonly object: ObjectDefinition
  readonly field: FieldDefinition
  readonly value: FieldValue
  readonly found: readonly StoredRecord[]
}

/** Reads a record by `Id` or an external id. */
export function getByKey(org: Org, call: RestCall): RestAnswer {
  const { object, found } = keyedCall(org, call)
  const [record, second] = found
  if (record === undefined) throw notFound()
  if (second !== undefined) return severalMatch(call, object, found)
  return answerRecord(org, call, object, record)
}

/** Deletes a record by `Id` or an external id. */
export function deleteByKey(org: Org, call: RestCall): RestAnswer {
  const { object, found } = keyedCall(org, call)
  const [record, second] = found
  if (record === undefined) throw notFound()
  if (second !== undefined) return severalMatch(call, object, found)
  deleteRecord(org, call, object, record)
  return { status: 204 }
}

/** Updates the record that has an external id, or makes one. */
export function upsertByKey(org: Org, call: RestCall): RestAnswer {
  const { object, field, value, found } = keyedCall(org, call)
  const json = call.body.object()
  refuseOwnKey(json, field.name)
  const [record, second] = found
  if (second !== undefined) return severalMatch(call, object, found)
  if (record !== undefined) {
    const id = updateRecord(org, call, object, record)
    const hasBody = call.version >= VERSION_WITH_BODY && org.settings().upsertFoundBody
    return hasBody
      ? { status: 200, body: { id, success: true, errors: [], created: false } }
      : { status: 204 }
  }
  if (value === null) {
    const message = `${field.name} not specified`
    throw new ApiError(400, 'MISSING_ARGUMENT', message, [field.name])
  }
  if (call.query.get('updateOnly')?.toLowerCase() === 'true') throw notFound()
  const { values, error } = readRecord(org, object, json, call.body, [])
  if (error !== null) throw refusedRecord(call, error)
  const all = { ...values, [field.name]: value }
  const { id } = acceptWrite(call, org.writer.insert(object, all, call.context))
  return createdAnswer(call, object, id, { created: true })
}

function keyedCall(org: Org, call: RestCall): KeyedCall {
  const object = calledObject(org.schema, call)
  const field = keyField(org.schema, object, parameter(call, 'field'))
  const text = parameter(call, 'value')
  if (field.system === 'id') {
    return { object, field, value: text, found: [findRecord(org, object, text)] }
  }
  const value = coerceJson(field, text)
  if (isRowError(value)) throw refusedRecord(call, value)
  const found = org.store
    .withKey(object, field.name, value)
    .flatMap((n) => org.store.byNumber(object, n) ?? [])
  return { object, field, value, found }
}

/** 300: the body is an array of the records' addresses. */
function severalMatch(
  { version }: RestCall,
  object: ObjectDefinition,
  found: readonly StoredRecord[],
): RestAnswer {
  const body = found.map(({ n }) => recordPath(version, object.name, makeId(object.keyPrefix, n)))
  return { status: 300, body }
}
