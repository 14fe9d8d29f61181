import type { Hono } from 'hono'
import { z } from 'zod'
import { ApiError, notFound } from '../http/api-error.ts'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { API_VERSIONS } from '../org.ts'
import { describeOf } from '../rest/describe-of.ts'
import {
  customFieldSchema,
  customObjectSchema,
  picklistChangeSchema,
} from '../schema/custom-schema.ts'
import { newObject, withFields, withPicklist } from '../schema/define-custom.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import { SchemaProblem } from '../schema/schema-problem.ts'
import { readAdminJson } from './admin-json.ts'

const ROOT = '/__simulator/objects'

/** One field, or several. */
const fieldsSchema = z.preprocess(
  (body) => (Array.isArray(body) ? body : [body]),
  z.array(customFieldSchema).min(1),
)

/** Objects, fields and picklists that an administrator adds or changes while the org runs. */
export function addAdminSchemaRoutes(app: Hono<OrgEnv>, org: Org): void {
  let last: Promise<unknown> = Promise.resolve()

  /** One after the other: each change builds on the definition that the one before left. */
  function inTurn(change: () => ObjectDefinition): Promise<ObjectDefinition> {
    const turn = last
      .catch(() => undefined)
      .then(async () => {
        const object = accepted(change)
        await org.defineObject(object)
        return object
      })
    last = turn
    return turn
  }

  app.post(ROOT, async (c) => {
    const custom = await readAdminJson(c, customObjectSchema)
    const object = await inTurn(() => newObject(org.schema, custom))
    return c.json(shown(org, object), 201)
  })

  app.post(`${ROOT}/:object/fields`, async (c) => {
    const fields = await readAdminJson(c, fieldsSchema)
    const object = await inTurn(() => {
      const known = objectOf(org, c)
      return withFields(org.schema, known, fields, org.store.count(known) > 0)
    })
    return c.json(shown(org, object), 201)
  })

  app.patch(`${ROOT}/:object/fields/:field`, async (c) => {
    const change = await readAdminJson(c, picklistChangeSchema)
    const object = await inTurn(() => {
      const known = objectOf(org, c)
      const field = org.schema.field(known, c.req.param('field'))
      if (field === null) throw notFound()
      return withPicklist(known, field, change)
    })
    return c.json(shown(org, object))
  })
}

function accepted(change: () => ObjectDefinition): ObjectDefinition {
  try {
    return change()
  } catch (error) {
    if (error instanceof SchemaProblem) throw new ApiError(400, 'INVALID_PARAMETER', error.message)
    throw error
  }
}

function objectOf(org: Org, c: OrgContext): ObjectDefinition {
  const object = org.schema.object(c.req.param('object') ?? '')
  if (object === null) throw notFound()
  return object
}

function shown(org: Org, object: ObjectDefinition): object {
  return describeOf(org, object, API_VERSIONS[API_VERSIONS.length - 1] ?? 0)
}
