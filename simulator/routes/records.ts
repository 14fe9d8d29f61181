import { ApiError } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { acceptWrite, refusedRecord } from '../rest/accept-write.ts'
import { calledObject } from '../rest/find-object.ts'
import { findRecord } from '../rest/find-record.ts'
import { readRecord } from '../rest/read-record.ts'
import { recentRecords } from '../rest/recent-records.ts'
import { answerRecord, deleteRecord, updateRecord } from '../rest/record-access.ts'
import {
  parameter,
  type RestAnswer,
  type RestCall,
  type RestResource,
  recordPath,
} from '../rest/resource.ts'
import { describeBrief } from '../schema/describe.ts'
import type { ObjectDefinition } from '../schema/field.ts'

/** Records that the basic information of an object lists. */
const RECENT_ITEMS = 25

/** One record at a time: create, read, update, delete. */
export function recordResources(org: Org): RestResource[] {
  return [
    {
      pattern: '/sobjects/:object',
      methods: {
        GET: (call) => {
          const object = calledObject(org.schema, call)
          return {
            status: 200,
            body: {
              objectDescribe: describeBrief(object, call.version),
              recentItems: recentRecords(org, [object], call, RECENT_ITEMS),
            },
          }
        },
        POST: (call) => createRecord(org, call, calledObject(org.schema, call)),
      },
    },
    {
      pattern: '/sobjects/:object/:id',
      methods: {
        GET: (call) => {
          const object = calledObject(org.schema, call)
          return answerRecord(org, call, object, findRecord(org, object, parameter(call, 'id')))
        },
        // The resource of upserts, with `Id` as its key: an insert.
        POST: (call) => {
          const object = calledObject(org.schema, call)
          if (parameter(call, 'id').toLowerCase() === 'id') return createRecord(org, call, object)
          throw new ApiError(
            405,
            'METHOD_NOT_ALLOWED',
            "HTTP Method 'POST' not allowed. Allowed are HEAD,GET,PATCH,DELETE",
          )
        },
        PATCH: (call) => {
          const object = calledObject(org.schema, call)
          updateRecord(org, call, object, findRecord(org, object, parameter(call, 'id')))
          return { status: 204 }
        },
        DELETE: (call) => {
          const object = calledObject(org.schema, call)
          deleteRecord(org, call, object, findRecord(org, object, parameter(call, 'id')))
          return { status: 204 }
        },
      },
    },
  ]
}

function createRecord(org: Org, call: RestCall, object: ObjectDefinition): RestAnswer {
  const { values, error } = readRecord(org, object, call.body.object(), call.body, [])
  if (error !== null) throw refusedRecord(call, error)
  const { Id: id, ...others } = values
  if (id !== undefined && id !== null) {
    throw new ApiError(
      400,
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      'cannot specify Id in an insert call',
      ['Id'],
    )
  }
  const result = acceptWrite(call, org.writer.insert(object, others, call.context))
  return createdAnswer(call, object, result.id, {})
}

/** 201 with the address of the new record. */
export function createdAnswer(
  call: RestCall,
  object: ObjectDefinition,
  id: string,
  more: object,
): RestAnswer {
  return {
    status: 201,
    headers: { Location: recordPath(call.version, object.name, id) },
    body: { id, success: true, errors: [], ...more },
  }
}
