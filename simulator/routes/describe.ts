import { notFound } from '../http/api-error.ts'
import type { Org, OrgContext } from '../http/org-context.ts'
import { makeEtag, notModified, standHeaders } from '../rest/conditional.ts'
import { describeOf } from '../rest/describe-of.ts'
import { calledObject } from '../rest/find-object.ts'
import { recordTypesChanged } from '../rest/record-types.ts'
import type { RestAnswer, RestCall, RestResource } from '../rest/resource.ts'
import { describeBrief } from '../schema/describe.ts'
import type { ObjectDefinition } from '../schema/field.ts'

/** Describe global and describe of one object. */
export function describeResources(org: Org): RestResource[] {
  return [
    {
      pattern: '/sobjects',
      methods: {
        GET: (call) =>
          answer(call, org.schema.changed(), () => ({
            encoding: 'UTF-8',
            maxBatchSize: 200,
            sobjects: org.schema.objects.map((object) => describeBrief(object, call.version)),
          })),
      },
    },
    {
      pattern: '/sobjects/:object/describe',
      methods: {
        GET: (call) => {
          const object = calledObject(org.schema, call)
          const changed = Math.max(org.schema.changed(object), recordTypesChanged(org, object))
          return answer(call, changed, () => describeOf(org, object, call.version))
        },
      },
    },
  ]
}

/** The object that a path names. Throws ApiError 404 when there is none. */
export function findObject(org: Org, c: OrgContext): ObjectDefinition {
  const object = org.schema.object(c.req.param('object') ?? '')
  if (object === null) throw notFound()
  return object
}

function answer(call: RestCall, changed: number, body: () => object): RestAnswer {
  const stand = { modified: changed, etag: makeEtag('describe', call.version, changed) }
  return notModified(call, stand) ?? { status: 200, headers: standHeaders(stand), body: body() }
}
