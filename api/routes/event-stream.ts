import { Hono } from 'hono'
import { EventStreamQuerySchema } from '../../contracts/http/webhook-events.ts'
import { createWebhookEventLogQueries } from '../../db/webhook-event-log.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { readQuery } from '../http/read-query.ts'
import { createSseReader } from '../stream/sse-reader.ts'

const POSITION = /^\d{1,15}$/

/** `GET /v1/events/stream`: events as they are processed, from where the reader left off. */
export function createEventStreamRoute(deps: ApiDependencies) {
  const { logger, eventHub, settings } = deps
  const { mostOfWorkspace, mostOfProcess, ...limits } = settings.streams
  const open = new Map<string, number>()
  let openOfAll = 0

  function requireRoom(workspaceId: string): void {
    const ofWorkspace = open.get(workspaceId) ?? 0
    if (ofWorkspace < mostOfWorkspace && openOfAll < mostOfProcess) return
    const message = 'Too many streams are open. Close some that are not read, or try again later.'
    throw new ApiError('too_many_streams', message, { headers: { 'retry-after': '30' } })
  }

  function count(workspaceId: string, change: 1 | -1): void {
    openOfAll += change
    const left = (open.get(workspaceId) ?? 0) + change
    if (left === 0) open.delete(workspaceId)
    else open.set(workspaceId, left)
  }

  return new Hono<ApiEnv>().get('/v1/events/stream', async (c) => {
    const { workspaceId } = c.var
    const wanted = wantedPosition(c)
    requireRoom(workspaceId)
    const headers = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }
    if (c.req.method === 'HEAD') return c.body(null, 200, headers)
    const begin = await beginAfter(c, wanted)
    // Others may have come while it was looked up.
    requireRoom(workspaceId)
    count(workspaceId, 1)
    const { reader, stream } = createSseReader({
      ...limits,
      ...begin,
      onClose(closed) {
        count(workspaceId, -1)
        eventHub.leave(workspaceId, closed)
      },
    })
    eventHub.follow(workspaceId, reader).catch((error: unknown) => {
      logger.warn({ err: error, workspaceId }, 'a reader of the stream could not catch up')
      reader.end()
    })
    return c.body(stream, 200, headers)
  })
}

/** What the reader has; null where it wants what is new from now on. */
function wantedPosition(c: ApiContext): number | null {
  const { after } = readQuery(c.req.raw, EventStreamQuerySchema)
  // A browser that connects anew says it so; the query is what it was at first.
  const text = c.req.header('last-event-id') ?? after
  if (text === undefined || text === '') return null
  if (!POSITION.test(text)) {
    throw new ApiError('invalid_request', 'Last-Event-ID must be the id of an event of the stream.')
  }
  return Number(text)
}

async function beginAfter(
  c: ApiContext,
  wanted: number | null,
): Promise<{ readonly position: number; readonly reset: string | null }> {
  const { first, last } = await createWebhookEventLogQueries(c.var.database).positions()
  if (wanted === null) return { position: last, reset: null }
  if (wanted > last) {
    return { position: last, reset: 'The stream has not come to this position: it is another one.' }
  }
  const oldest = first === 0 ? last : first - 1
  if (wanted >= oldest) return { position: wanted, reset: null }
  return { position: oldest, reset: 'Events after this position were removed after their time.' }
}
