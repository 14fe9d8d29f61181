import { Hono } from 'hono'
import { PageQuerySchema } from '../../contracts/http/bulk-jobs.ts'
import { createNotificationItemQueries } from '../../db/notification-items.ts'
import { createNotificationMessageQueries } from '../../db/notification-messages.ts'
import type { ApiEnv } from '../dependencies.ts'
import { decodeCursor, encodeCursor } from '../http/cursor.ts'
import { isPlainId } from '../http/plain-id.ts'
import { readQuery } from '../http/read-query.ts'
import { itemBody, messageBody } from '../notifications/bodies.ts'
import { requireChannel, requireMessage } from '../notifications/find.ts'

/** What was sent, what became of it, and all that a message tells of. */
export function createNotificationMessageRoutes() {
  return new Hono<ApiEnv>()
    .get('/v1/notification-channels/:channelId/messages', async (c) => {
      const query = readQuery(c.req.raw, PageQuerySchema)
      const before = decodeCursor<[string]>(query.cursor, ([id]) => isPlainId(id))
      const { channelId } = await requireChannel(c)
      const messages = createNotificationMessageQueries(c.var.database)
      const found = await messages.listOfChannel(channelId, query.limit + 1, before?.[0] ?? null)
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      return c.json({
        messages: page.map(messageBody),
        next_cursor: last === undefined ? null : encodeCursor([last.messageId]),
      })
    })
    .get('/v1/notification-messages/:messageId', async (c) =>
      c.json(messageBody(await requireMessage(c))),
    )
    .get('/v1/notification-messages/:messageId/items', async (c) => {
      const query = readQuery(c.req.raw, PageQuerySchema)
      const after = decodeCursor<[number]>(
        query.cursor,
        ([id]) => typeof id === 'number' && Number.isSafeInteger(id) && id >= 0,
      )
      const { messageId } = await requireMessage(c)
      const items = createNotificationItemQueries(c.var.database)
      const found = await items.listOfMessage(messageId, query.limit + 1, after?.[0] ?? 0)
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      return c.json({
        items: page.map(itemBody),
        next_cursor: last === undefined ? null : encodeCursor([last.itemId]),
      })
    })
}
