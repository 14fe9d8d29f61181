import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { PageQuerySchema } from '../../contracts/http/bulk-jobs.ts'
import { ChangeRuleSchema, CreateRuleSchema } from '../../contracts/http/notifications.ts'
import { MOST_RULES } from '../../contracts/notification.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createNotificationRuleQueries } from '../../db/notification-rules.ts'
import { auditEntry } from '../audit.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { decodeCursor, encodeCursor } from '../http/cursor.ts'
import { isPlainId } from '../http/plain-id.ts'
import { readJsonBody } from '../http/read-json-body.ts'
import { readQuery } from '../http/read-query.ts'
import { ruleBody } from '../notifications/bodies.ts'
import { requireChannel, requireRule, ruleNotFound } from '../notifications/find.ts'
import { requireEventTypes } from '../subscriptions/check-event-types.ts'
import { eventFilterOf } from '../subscriptions/event-filter-of.ts'

const CREATE_FIELDS = Object.keys(CreateRuleSchema.shape)
const CHANGE_FIELDS = Object.keys(ChangeRuleSchema.shape)

/** `/v1/notification-rules`: which events are told, and where. */
export function createNotificationRuleRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .post('/v1/notification-rules', async (c) => {
      const asked = await readJsonBody(c, deps.settings, CreateRuleSchema, CREATE_FIELDS)
      const { channelId } = await requireChannel(c, asked.channel_id)
      await requireEventTypes(c, asked.event_types, null)
      const ruleId = `rule_${randomUUID()}`
      const { workspaceId, caller } = c.var
      const made = await c.var.database.transaction(async (transaction) => {
        const rules = createNotificationRuleQueries(transaction)
        if ((await rules.count()) >= MOST_RULES) {
          const message = `A workspace has ${MOST_RULES} rules at most. Delete one first.`
          throw new ApiError('too_many_rules', message)
        }
        const rule = await rules.insert({
          ...{ ruleId, workspaceId, channelId, name: asked.name, events: asked.event_types },
          ...{ filter: eventFilterOf(asked.filter), minimumSeverity: asked.minimum_severity },
          createdBy: caller.keyId,
        })
        await createAuditLogQueries(transaction).append(
          auditEntry(c, {
            ...{ action: 'notification_rule.created', subject: ruleId },
            details: { channel_id: channelId, name: asked.name },
          }),
        )
        return rule
      })
      c.header('Location', `/v1/notification-rules/${ruleId}`)
      return c.json(ruleBody(made), 201)
    })
    .get('/v1/notification-rules', async (c) => {
      const query = readQuery(c.req.raw, PageQuerySchema)
      const after = decodeCursor<[string]>(query.cursor, ([id]) => isPlainId(id))
      const rules = createNotificationRuleQueries(c.var.database)
      const found = await rules.list(query.limit + 1, after?.[0] ?? null)
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      return c.json({
        rules: page.map(ruleBody),
        next_cursor: last === undefined ? null : encodeCursor([last.ruleId]),
      })
    })
    .get('/v1/notification-rules/:ruleId', async (c) => c.json(ruleBody(await requireRule(c))))
    .patch('/v1/notification-rules/:ruleId', async (c) => {
      const asked = await readJsonBody(c, deps.settings, ChangeRuleSchema, CHANGE_FIELDS)
      const rule = await requireRule(c)
      if (asked.channel_id !== undefined) await requireChannel(c, asked.channel_id)
      if (asked.event_types !== undefined) await requireEventTypes(c, asked.event_types, null)
      const changed = await c.var.database.transaction(async (transaction) => {
        const replaced = await createNotificationRuleQueries(transaction).replace({
          ruleId: rule.ruleId,
          channelId: asked.channel_id ?? rule.channelId,
          name: asked.name ?? rule.name,
          events: asked.event_types ?? rule.events,
          filter: asked.filter === undefined ? rule.filter : eventFilterOf(asked.filter),
          minimumSeverity: asked.minimum_severity ?? rule.minimumSeverity,
        })
        if (replaced === null) throw ruleNotFound()
        await createAuditLogQueries(transaction).append(
          auditEntry(c, {
            ...{ action: 'notification_rule.changed', subject: rule.ruleId },
            details: { fields: Object.keys(asked).sort() },
          }),
        )
        return replaced
      })
      return c.json(ruleBody(changed))
    })
    .delete('/v1/notification-rules/:ruleId', async (c) => {
      const { ruleId, name } = await requireRule(c)
      await c.var.database.transaction(async (transaction) => {
        if (!(await createNotificationRuleQueries(transaction).remove(ruleId))) throw ruleNotFound()
        await createAuditLogQueries(transaction).append(
          auditEntry(c, {
            ...{ action: 'notification_rule.deleted', subject: ruleId },
            details: { name },
          }),
        )
      })
      return c.json({ id: ruleId, deleted: true })
    })
}
