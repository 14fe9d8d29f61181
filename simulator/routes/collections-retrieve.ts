import type { Org } from '../http/org-context.ts'
import { canonicalId, keyPrefixOf } from '../ids.ts'
import { malformed, tooMany } from '../rest/collection-body.ts'
import { calledObject } from '../rest/find-object.ts'
import type { RestAnswer, RestCall, RestResource } from '../rest/resource.ts'
import { checkFields, readAnswer } from '../rest/selected-fields.ts'

/** Ids that one call may ask for. */
const MOST_IDS = 2_000

/** Several records of one object by their ids, with the fields that the caller names. */
export function collectionRetrieveResource(org: Org): RestResource {
  return {
    pattern: '/composite/sobjects/:object',
    readOnly: true,
    methods: {
      GET: (call) => {
        const { query } = call
        return retrieve(org, call, listOf(query.get('ids')), listOf(query.get('fields')))
      },
      POST: (call) => {
        const { ids, fields } = call.body.object()
        return retrieve(org, call, textsOf('ids', ids), textsOf('fields', fields))
      },
    },
  }
}

function listOf(parameter: string | null): string[] {
  return (parameter ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
}

function textsOf(name: string, value: unknown): string[] {
  const isList = Array.isArray(value) && value.every((entry) => typeof entry === 'string')
  if (!isList) throw malformed(`${name} must be a list of strings`)
  return value
}

function retrieve(
  org: Org,
  call: RestCall,
  ids: readonly string[],
  fields: readonly string[],
): RestAnswer {
  const object = calledObject(org.schema, call)
  if (ids.length === 0) throw malformed('The ids parameter is required')
  if (fields.length === 0) throw malformed('The fields parameter is required')
  if (ids.length > MOST_IDS) throw tooMany(MOST_IDS)
  checkFields(org, object, fields)
  const body = ids.map((text) => {
    const id = canonicalId(text)
    const isOurs = id !== null && keyPrefixOf(id) === object.keyPrefix
    const record = isOurs ? org.store.get(object, id) : null
    // Deleted and unknown records keep their place, so that answers can be told apart by order.
    if (record === null || record.deleted) return null
    return readAnswer(org, object, record, fields, call.version)
  })
  return { status: 200, body }
}
