import type { Hono } from 'hono'
import { ApiError, notFound } from '../http/api-error.ts'
import type { Org, OrgEnv } from '../http/org-context.ts'
import { canonicalId } from '../ids.ts'
import { ADMIN } from '../org.ts'
import { type ConfiguredRule, configuredRuleSchema } from '../rules/configured-rule.ts'
import { conversionRefusal, convertLead } from '../rules/convert-lead.ts'
import { leadConversionSchema } from '../rules/lead-conversion.ts'
import type { WriteContext } from '../rules/object-rules.ts'
import { related } from '../rules/related-record.ts'
import { savepoint } from '../store/database.ts'
import { readAdminJson } from './admin-json.ts'

const ROOT = '/__simulator'

/** Rules that an administrator sets, and the conversion of leads, which REST has no call for. */
export function addAdminRuleRoutes(app: Hono<OrgEnv>, org: Org): void {
  app.get(`${ROOT}/rules`, (c) => c.json({ rules: org.rules.list() }))

  app.post(`${ROOT}/rules`, async (c) => {
    const rule = known(org, await readAdminJson(c, configuredRuleSchema))
    const added = await org.write(() => org.rules.add(rule))
    changed(org)
    return c.json(added, 201)
  })

  app.delete(`${ROOT}/rules`, async (c) => {
    await org.write(() => org.rules.clear())
    changed(org)
    return c.body(null, 204)
  })

  app.delete(`${ROOT}/rules/:id`, async (c) => {
    const found = await org.write(() => org.rules.remove(Number(c.req.param('id'))))
    if (!found) throw notFound()
    changed(org)
    return c.body(null, 204)
  })

  app.post(`${ROOT}/leads/:id/convert`, async (c) => {
    const leadId = canonicalId(c.req.param('id'))
    if (leadId === null) throw notFound()
    const { userId, ...options } = await readAdminJson(c, leadConversionSchema)
    const context = contextOf(org, userId)
    const made = await org.write(() => convert(org, { ...options, leadId }, context))
    return c.json({ success: true, errors: [], ...made })
  })
}

function convert(org: Org, conversion: Parameters<typeof convertLead>[1], context: WriteContext) {
  try {
    return savepoint(org.database, () => convertLead(org, conversion, context))
  } catch (error) {
    const { code, message, fields } = conversionRefusal(error)
    throw new ApiError(400, code, message, fields)
  }
}

/** Who converts: the administrator, unless another user is named. */
function contextOf(org: Org, userId: string | undefined): WriteContext {
  const stamp = { at: Date.now(), by: ADMIN }
  if (userId === undefined) return { stamp, source: 'rest' }
  const user = related(org, { userId }, 'userId')
  if (user?.object.name !== 'User') {
    throw new ApiError(400, 'INVALID_PARAMETER', `no such user: ${userId}`)
  }
  return { stamp: { ...stamp, by: user.n }, source: 'rest' }
}

/** Takes the new rules into use, in both threads: jobs that come after keep to them. */
function changed(org: Org): void {
  org.rules.load()
  org.bulk.schemaChanged()
}

/** A rule with the names as the schema has them. Throws ApiError where the schema lacks one. */
function known(org: Org, rule: ConfiguredRule): ConfiguredRule {
  const object = org.schema.object(rule.object)
  if (object === null) throw unknown(`no such object: ${rule.object}`)
  const nameOf = (name: string): string => {
    const field = org.schema.field(object, name)
    if (field === null) throw unknown(`no such field of ${object.name}: ${name}`)
    return field.name
  }
  switch (rule.kind) {
    case 'validation':
      for (const condition of rule.conditions) {
        if (condition.is === 'matches') checkPattern(condition.value)
      }
      return {
        ...rule,
        object: object.name,
        conditions: rule.conditions.map((condition) => ({
          ...condition,
          field: nameOf(condition.field),
        })),
        errorField: rule.errorField === undefined ? undefined : nameOf(rule.errorField),
      }
    case 'duplicate':
      return { ...rule, object: object.name, fields: rule.fields.map(nameOf) }
  }
}

function unknown(message: string): ApiError {
  return new ApiError(400, 'INVALID_PARAMETER', message)
}

function checkPattern(pattern: string): void {
  try {
    new RegExp(pattern, 'u')
  } catch {
    throw unknown(`not a regular expression: ${pattern}`)
  }
}
