import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { PageQuerySchema } from '../../contracts/http/bulk-jobs.ts'
import { ChangeChannelSchema, CreateChannelSchema } from '../../contracts/http/notifications.ts'
import { MOST_CHANNELS } from '../../contracts/notification.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import {
  createNotificationChannelQueries,
  type NotificationChannel,
} from '../../db/notification-channels.ts'
import { auditEntry } from '../audit.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { decodeCursor, encodeCursor } from '../http/cursor.ts'
import { isPlainId } from '../http/plain-id.ts'
import { readJsonBody } from '../http/read-json-body.ts'
import { readQuery } from '../http/read-query.ts'
import { channelBody, messageBody } from '../notifications/bodies.ts'
import { requireChannel } from '../notifications/find.ts'
import { sealChannelUrl } from '../notifications/seal-channel-url.ts'
import { testChannel } from '../notifications/test-channel.ts'

const CREATE_FIELDS = Object.keys(CreateChannelSchema.shape)
const CHANGE_FIELDS = Object.keys(ChangeChannelSchema.shape)
const BY_A_PERSON = 'Disabled by a person.'

/** `/v1/notification-channels`: where notices go. Their URLs come in and never go out. */
export function createNotificationChannelRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .post('/v1/notification-channels', async (c) => {
      const asked = await readJsonBody(c, deps.settings, CreateChannelSchema, CREATE_FIELDS)
      const channelId = `channel_${randomUUID()}`
      const url = sealChannelUrl(deps, channelId, asked.kind, asked.url)
      const { workspaceId, caller } = c.var
      const made = await c.var.database.transaction(async (transaction) => {
        const channels = createNotificationChannelQueries(transaction)
        if ((await channels.count()) >= MOST_CHANNELS) {
          const message = `A workspace has ${MOST_CHANNELS} channels at most. Delete one first.`
          throw new ApiError('too_many_channels', message)
        }
        const channel = await channels.insert({
          ...{ channelId, workspaceId, kind: asked.kind, name: asked.name, origin: 'api' },
          ...{ url: url.sealed, urlHint: url.hint, urlDigest: null, createdBy: caller.keyId },
        })
        if (channel === null) throw new Error(`There is a channel ${channelId} already.`)
        await createAuditLogQueries(transaction).append(
          auditEntry(c, {
            ...{ action: 'notification_channel.created', subject: channelId },
            details: { kind: asked.kind, name: asked.name },
          }),
        )
        return channel
      })
      c.header('Location', `/v1/notification-channels/${channelId}`)
      return c.json(channelBody(made), 201)
    })
    .get('/v1/notification-channels', async (c) => {
      const query = readQuery(c.req.raw, PageQuerySchema)
      const after = decodeCursor<[string]>(query.cursor, ([id]) => isPlainId(id))
      const channels = createNotificationChannelQueries(c.var.database)
      const found = await channels.list(query.limit + 1, after?.[0] ?? null)
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      return c.json({
        channels: page.map(channelBody),
        next_cursor: last === undefined ? null : encodeCursor([last.channelId]),
      })
    })
    .get('/v1/notification-channels/:channelId', async (c) =>
      c.json(channelBody(await requireChannel(c))),
    )
    .patch('/v1/notification-channels/:channelId', async (c) => {
      const asked = await readJsonBody(c, deps.settings, ChangeChannelSchema, CHANGE_FIELDS)
      const channel = await requireChannel(c)
      const { channelId, kind } = channel
      if (asked.url !== undefined) refuseEnvironment(channel, 'Change the variable instead.')
      const url =
        asked.url === undefined ? undefined : sealChannelUrl(deps, channelId, kind, asked.url)
      if (asked.status === 'active' && channel.disabledBy === 'environment') {
        refuseEnvironment(channel, 'Set the variable again.')
      }
      await c.var.database.transaction(async (transaction) => {
        const channels = createNotificationChannelQueries(transaction)
        await channels.change(channelId, { name: asked.name, url })
        // Another URL is another chance.
        const returns = url !== undefined && channel.disabledBy === 'answer'
        if (asked.status === 'disabled') await channels.disable(channelId, 'person', BY_A_PERSON)
        else if (asked.status === 'active' || returns) await channels.enable(channelId)
        await createAuditLogQueries(transaction).append(
          auditEntry(c, {
            ...{ action: 'notification_channel.changed', subject: channelId },
            details: { fields: Object.keys(asked).sort() },
          }),
        )
      })
      const changed = await requireChannel(c)
      // What it had gathered before it was disabled is told now.
      if (changed.disabledAt === null) {
        deps.notificationTrigger.trigger(c.var.workspaceId, [channelId])
      }
      return c.json(channelBody(changed))
    })
    .delete('/v1/notification-channels/:channelId', async (c) => {
      const channel = await requireChannel(c)
      refuseEnvironment(channel, 'Take the variable away, or set its status to disabled.')
      const { channelId, kind, name } = channel
      await c.var.database.transaction(async (transaction) => {
        await createNotificationChannelQueries(transaction).remove(channelId)
        await createAuditLogQueries(transaction).append(
          auditEntry(c, {
            ...{ action: 'notification_channel.deleted', subject: channelId },
            details: { kind, name },
          }),
        )
      })
      return c.json({ id: channelId, deleted: true })
    })
    .post('/v1/notification-channels/:channelId/test', async (c) => {
      const message = await testChannel(deps, c, await requireChannel(c))
      return c.json(messageBody(message), message.state === 'pending' ? 202 : 200)
    })
}

/** @throws {ApiError} `channel_of_environment` */
function refuseEnvironment(channel: NotificationChannel, instead: string): void {
  if (channel.origin !== 'environment') return
  const message = `The channel is set up by the server's SALESFORCE_${channel.kind.toUpperCase()}_WEBHOOK_URL. ${instead}`
  throw new ApiError('channel_of_environment', message)
}
