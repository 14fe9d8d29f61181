import type { Hono } from 'hono'
import { notFound } from '../http/api-error.ts'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { versionOf } from '../http/version.ts'
import { describeBrief, describeObject } from '../schema/describe.ts'
import type { ObjectDefinition } from '../schema/field.ts'

const ROOT = '/services/data/:version/sobjects'

/** Describe global and describe of one object. */
export function addDescribeRoutes(app: Hono<OrgEnv>, org: Org): void {
  app.get(ROOT, (c) => {
    const version = versionOf(c.req.param('version'))
    return ifModified(c, org.schema.changed(), () => ({
      encoding: 'UTF-8',
      maxBatchSize: 200,
      sobjects: org.schema.objects.map((object) => describeBrief(object, version)),
    }))
  })

  app.get(`${ROOT}/:object/describe`, (c) => {
    const version = versionOf(c.req.param('version'))
    const object = findObject(org, c)
    return ifModified(c, org.schema.changed(object), () =>
      describeObject(org.schema, object, version),
    )
  })

  app.get(`${ROOT}/:object`, (c) => {
    const version = versionOf(c.req.param('version'))
    const object = findObject(org, c)
    return c.json({ objectDescribe: describeBrief(object, version), recentItems: [] })
  })
}

/** The object that a path names. Throws ApiError 404 when there is none. */
export function findObject(org: Org, c: OrgContext): ObjectDefinition {
  const object = org.schema.object(c.req.param('object') ?? '')
  if (object === null) throw notFound()
  return object
}

/** 304 without a body when the schema has not changed since the moment that the caller names. */
function ifModified(c: OrgContext, changedAt: number, body: () => object) {
  // HTTP dates have whole seconds.
  const changed = Math.floor(changedAt / 1_000) * 1_000
  const since = Date.parse(c.req.header('if-modified-since') ?? '')
  if (!Number.isNaN(since) && since >= changed) return c.body(null, 304)
  c.header('Last-Modified', new Date(changed).toUTCString())
  return c.json(body())
}
