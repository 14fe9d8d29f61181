import { notFound } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { canonicalId, makeId } from '../ids.ts'
import { compactLayouts } from '../presentation/compact-layout.ts'
import { pageLayout } from '../presentation/page-layout.ts'
import { recordTypeMappings } from '../presentation/record-type-mapping.ts'
import { calledObject } from '../rest/find-object.ts'
import { recordTypesOf } from '../rest/record-types.ts'
import { parameter, type RestAnswer, type RestCall, type RestResource } from '../rest/resource.ts'
import { type DescribedRecordType, MASTER_RECORD_TYPE } from '../schema/describe-record-types.ts'
import type { ObjectDefinition } from '../schema/field.ts'

const ROOT = '/sobjects/:object/describe'
const LAYOUT_PREFIX = '00h'
/** Layouts beside the page layout that a new org has, by object. */
const NAMED_LAYOUTS: Readonly<Record<string, readonly string[]>> = { User: ['UserAlt'] }

/** Page layouts, compact layouts and approval layouts of an object. */
export function layoutResources(org: Org): RestResource[] {
  const typesOf = (object: ObjectDefinition): DescribedRecordType[] => [
    ...recordTypesOf(org, object),
    MASTER_RECORD_TYPE,
  ]
  const layoutOf = (object: ObjectDefinition): object =>
    pageLayout(org.schema, object, layoutId(org, object))

  function layouts(call: RestCall, object: ObjectDefinition): RestAnswer {
    const types = typesOf(object)
    return {
      status: 200,
      body: {
        // Where record types choose among layouts, each is asked for by its record type.
        layouts: types.length > 2 ? null : [layoutOf(object)],
        recordTypeMappings: recordTypeMappings(
          object,
          types,
          layoutId(org, object),
          rootOf(call, object),
        ),
        recordTypeSelectorRequired: [types.length > 2],
      },
    }
  }

  return [
    {
      pattern: `${ROOT}/layouts`,
      methods: { GET: (call) => layouts(call, calledObject(org.schema, call)) },
    },
    {
      pattern: `${ROOT}/layouts/:recordType`,
      methods: {
        GET: (call) => {
          const object = calledObject(org.schema, call)
          const asked = canonicalId(parameter(call, 'recordType'))
          if (!typesOf(object).some(({ id }) => id === asked)) throw notFound()
          return { status: 200, body: layoutOf(object) }
        },
      },
    },
    {
      pattern: `${ROOT}/namedlayouts/:name`,
      methods: {
        GET: (call) => {
          const object = calledObject(org.schema, call)
          const asked = parameter(call, 'name').toLowerCase()
          const known = NAMED_LAYOUTS[object.name] ?? []
          if (!known.some((name) => name.toLowerCase() === asked)) throw notFound()
          return layouts(call, object)
        },
      },
    },
    {
      pattern: `${ROOT}/compactlayouts`,
      methods: {
        GET: (call) => {
          const object = calledObject(org.schema, call)
          return {
            status: 200,
            body: compactLayouts(object, typesOf(object), rootOf(call, object)),
          }
        },
      },
    },
    {
      // No approval process can be made here, so none has a layout.
      pattern: `${ROOT}/approvallayouts`,
      methods: {
        GET: (call) => {
          calledObject(org.schema, call)
          return { status: 200, body: { approvalLayouts: [] } }
        },
      },
    },
  ]
}

function rootOf(call: RestCall, object: ObjectDefinition): string {
  return `/services/data/v${call.version}.0/sobjects/${object.name}`
}

/** Each object has one layout; objects are never taken away, so its place is its number. */
function layoutId(org: Org, object: ObjectDefinition): string {
  const place = org.schema.objects.findIndex(({ name }) => name === object.name)
  return makeId(LAYOUT_PREFIX, place + 1)
}
