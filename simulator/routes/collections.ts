import type { Org } from '../http/org-context.ts'
import { canonicalId, keyPrefixOf } from '../ids.ts'
import {
  checkRuns,
  MOST_RECORDS,
  malformed,
  readCollection,
  tooMany,
} from '../rest/collection-body.ts'
import { calledObject, keyField } from '../rest/find-object.ts'
import { readRecord } from '../rest/read-record.ts'
import { parameter, type RestAnswer, type RestCall, type RestResource } from '../rest/resource.ts'
import { type CollectionWrite, writeCollection } from '../rest/write-collection.ts'
import type { FieldDefinition, FieldValue } from '../schema/field.ts'
import { type RowError, rowError } from '../values/row-error.ts'

/** Up to 200 records in one call: create, update, delete, upsert. */
export function collectionResources(org: Org): RestResource[] {
  return [
    {
      pattern: '/composite/sobjects',
      methods: {
        POST: (call) => create(org, call),
        PATCH: (call) => update(org, call),
        DELETE: (call) => remove(org, call),
      },
    },
    {
      pattern: '/composite/sobjects/:object/:field',
      methods: { PATCH: (call) => upsert(org, call) },
    },
  ]
}

function create(org: Org, call: RestCall): RestAnswer {
  const { allOrNone, entries } = readCollection(org.schema, call)
  const writes = entries.map(({ object, json }, index): CollectionWrite => {
    const { values, error } = readRecord(org, object, json, call.body, ['records', index])
    const { Id: id, ...others } = values
    const hasId = id !== undefined && id !== null
    return {
      error: hasId ? idInInsert() : error,
      id: null,
      run: () => org.writer.insert(object, others, call.context),
    }
  })
  return writeCollection(org, writes, allOrNone)
}

function update(org: Org, call: RestCall): RestAnswer {
  const { allOrNone, entries } = readCollection(org.schema, call)
  const repeated = createRepeatCheck('Duplicate id specified', true)
  const writes = entries.map(({ object, json }, index): CollectionWrite => {
    const { values, error } = readRecord(org, object, json, call.body, ['records', index])
    const { Id: id = null, ...others } = values
    return {
      error: error ?? repeated(id, 'Id'),
      id: typeof id === 'string' ? id : null,
      run: () => org.writer.update(object, id, others, call.context),
    }
  })
  return writeCollection(org, writes, allOrNone)
}

function remove(org: Org, call: RestCall): RestAnswer {
  const ids = (call.query.get('ids') ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
  if (ids.length === 0) throw malformed('The ids parameter is required')
  if (ids.length > MOST_RECORDS) throw tooMany(MOST_RECORDS)
  const found = ids.map((text) => {
    const id = canonicalId(text)
    return { text, id, object: id === null ? null : org.schema.byKeyPrefix(keyPrefixOf(id)) }
  })
  checkRuns(found.map(({ object }) => object))
  const writes = found.map(({ text, id, object }): CollectionWrite => {
    const refusal = rowError('MALFORMED_ID', `malformed id ${text}`)
    return {
      error: object === null ? refusal : null,
      id: id ?? text,
      run: () =>
        object === null
          ? { ok: false, error: refusal, id: null }
          : org.writer.delete(object, id, false, call.context),
    }
  })
  const allOrNone = call.allOrNone || call.query.get('allOrNone')?.toLowerCase() === 'true'
  return writeCollection(org, writes, allOrNone)
}

function upsert(org: Org, call: RestCall): RestAnswer {
  const object = calledObject(org.schema, call)
  const key = keyField(org.schema, object, parameter(call, 'field'))
  const { allOrNone, entries } = readCollection(org.schema, call)
  if (entries.some((entry) => entry.object !== object)) {
    throw malformed(`All records must be of type ${object.name}`)
  }
  const repeated = createRepeatCheck('Duplicate external id specified', key.caseSensitive)
  const writes = entries.map(({ json }, index): CollectionWrite => {
    const { values, error } = readRecord(org, object, json, call.body, ['records', index])
    const value = values[key.name] ?? null
    return {
      error: error ?? repeated(value, key.name),
      id: null,
      created: isNew(org, call, key, value),
      run: () => org.writer.upsert(object, key, values, call.context),
    }
  })
  return writeCollection(org, writes, allOrNone)
}

function isNew(org: Org, call: RestCall, key: FieldDefinition, value: FieldValue): boolean {
  if (key.system === 'id') return value === null
  return org.store.withKey(calledObject(org.schema, call), key.name, value).length === 0
}

function idInInsert(): RowError {
  return rowError('INVALID_FIELD_FOR_INSERT_UPDATE', 'cannot specify Id in an insert call', 'Id')
}

/** Two records of one call may not stand for the same one. */
function createRepeatCheck(words: string, caseSensitive: boolean) {
  const seen = new Set<string>()
  return (value: FieldValue, field: string): RowError | null => {
    if (value === null) return null
    const text = String(value)
    const key = caseSensitive ? text : text.toLowerCase()
    if (seen.has(key)) return rowError('DUPLICATE_VALUE', `${words}: ${text}`, field)
    seen.add(key)
    return null
  }
}
