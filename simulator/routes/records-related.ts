import { notFound } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { makeId } from '../ids.ts'
import { calledObject, keyFieldNamed, noSuchKey } from '../rest/find-object.ts'
import { findRecord } from '../rest/find-record.ts'
import { answerRecord, deleteRecord, updateRecord } from '../rest/record-access.ts'
import { parameter, type RestAnswer, type RestCall, type RestResource } from '../rest/resource.ts'
import { askedFields, checkFields, DEEPEST_PATH, parentOf } from '../rest/selected-fields.ts'
import { type FieldDefinition, lookupNamed, type ObjectDefinition } from '../schema/field.ts'
import type { StoredRecord } from '../store/record-store.ts'
import type { QueryAnswers } from './answer-query.ts'
import { deleteByKey, getByKey, upsertByKey } from './records-by-key.ts'

/** Where a path of relationships ends. */
type Target =
  | { readonly kind: 'record'; readonly object: ObjectDefinition; readonly record: StoredRecord }
  | Children

/** The records of a child object whose lookup points to one parent. */
interface Children {
  readonly kind: 'children'
  readonly child: ObjectDefinition
  readonly lookup: FieldDefinition
  readonly parentId: string
}

/**
 * What stands behind two or more segments: a record by an external id (`External_Id__c/4711`), or
 * what a relationship leads to (`001…/Owner`, `001…/Contacts`).
 */
export function deepRecordResource(org: Org, queries: QueryAnswers): RestResource {
  /** A key's name before anything else: no id looks like one. */
  const byKey = (call: RestCall): RestCall | null => {
    const object = calledObject(org.schema, call)
    const first = parameter(call, 'first')
    if (keyFieldNamed(org.schema, object, first) === null) return null
    const parameters = { ...call.parameters, field: first, value: parameter(call, 'rest') }
    return { ...call, parameters }
  }
  return {
    pattern: '/sobjects/:object/:first/:rest+',
    methods: {
      GET: (call) => {
        const keyed = byKey(call)
        return keyed === null ? getRelated(org, queries, call) : getByKey(org, keyed)
      },
      PATCH: (call) => {
        const keyed = byKey(call)
        if (keyed !== null) return upsertByKey(org, keyed)
        const { object, record } = relatedRecord(org, call)
        updateRecord(org, call, object, record)
        return { status: 204 }
      },
      DELETE: (call) => {
        const keyed = byKey(call)
        if (keyed !== null) return deleteByKey(org, keyed)
        const { object, record } = relatedRecord(org, call)
        deleteRecord(org, call, object, record)
        return { status: 204 }
      },
    },
  }
}

function getRelated(org: Org, queries: QueryAnswers, call: RestCall): RestAnswer {
  const target = follow(org, call)
  if (target.kind === 'record') return answerRecord(org, call, target.object, target.record)
  const { child, lookup, parentId } = target
  const names = askedFields(call.query.get('fields')) ?? child.fields.map(({ name }) => name)
  // Only names that are fields become part of the query.
  checkFields(org, child, names)
  const { version, context } = call
  const options = call.header('Sforce-Query-Options')
  const asked = { version, user: context.stamp.by, withDeleted: false, options }
  const soql = `SELECT ${names.join(', ')} FROM ${child.name} WHERE ${lookup.name} = '${parentId}'`
  return { status: 200, body: queries.query(asked, soql, false) }
}

function relatedRecord(org: Org, call: RestCall) {
  const target = follow(org, call)
  if (target.kind === 'record') return target
  throw notFound()
}

/** Goes along the relationships of a path. Throws ApiError 404 where one leads nowhere. */
function follow(org: Org, call: RestCall): Target {
  let object = calledObject(org.schema, call)
  const first = parameter(call, 'first')
  // Neither a key's name nor an id: Salesforce speaks of a key.
  if (!/^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$/.test(first)) noSuchKey(first)
  let record = findRecord(org, object, first)
  const path = parameter(call, 'rest').split('/')
  if (path.length > DEEPEST_PATH) throw notFound()
  for (const [index, name] of path.entries()) {
    const lookup = lookupNamed(object, name)
    if (lookup === null) {
      const children =
        index === 0 && path.length === 1 ? childrenOf(org, object, record, name) : null
      if (children === null) throw notFound()
      return children
    }
    const parent = parentOf(org, object, record, lookup)
    if (parent === null) throw notFound()
    object = parent.object
    record = parent.record
  }
  return { kind: 'record', object, record }
}

function childrenOf(
  org: Org,
  object: ObjectDefinition,
  record: StoredRecord,
  name: string,
): Target | null {
  const relationship = org.schema
    .children(object)
    .find(({ field }) => field.childRelationshipName?.toLowerCase() === name.toLowerCase())
  if (relationship === undefined) return null
  const { child, field: lookup } = relationship
  return { kind: 'children', child, lookup, parentId: makeId(object.keyPrefix, record.n) }
}
