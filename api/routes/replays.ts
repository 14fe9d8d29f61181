import { Hono } from 'hono'
import { CreateReplaySchema, ReplayListQuerySchema } from '../../contracts/http/replays.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createWebhookEventRequeueQueries } from '../../db/webhook-event-requeue.ts'
import { createWebhookReplayQueries, type WebhookReplay } from '../../db/webhook-replays.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { decodePlace, encodePlace } from '../http/place-cursor.ts'
import { isPlainId } from '../http/plain-id.ts'
import { readJsonBody } from '../http/read-json-body.ts'
import { readQuery } from '../http/read-query.ts'
import { replayBody, replayUrl } from '../replay-body.ts'
import { requireEvent } from '../replays/find-event.ts'
import { startReplay } from '../replays/start-replay.ts'
import { requireSubscription } from '../subscriptions/find-subscription.ts'

const FIELDS = Object.keys(CreateReplaySchema.shape)

/** Making deliveries again, or for the first time: by subscription and time, or of one event. */
export function createReplayRoutes(deps: ApiDependencies) {
  async function ofSubscription(c: ApiContext, kind: 'failed' | 'missing'): Promise<Response> {
    const { subscriptionId } = await requireSubscription(c)
    const asked = await readJsonBody(c, deps.settings, CreateReplaySchema, FIELDS)
    const since = new Date(asked.since)
    const until = asked.until === undefined ? null : new Date(asked.until)
    if (since.getTime() >= (until?.getTime() ?? Date.now())) {
      const message = 'The field since: must lie before until, and in the past.'
      throw new ApiError('invalid_request', message)
    }
    const replay = await startReplay(deps, c, {
      ...{ kind, subscriptionId, eventId: null, since, until },
    })
    c.header('Location', replayUrl(replay.replayId))
    return c.json(replayBody(replay, deps), 202)
  }

  return new Hono<ApiEnv>()
    .post('/v1/subscriptions/:subscriptionId/recover', (c) => ofSubscription(c, 'failed'))
    .post('/v1/subscriptions/:subscriptionId/replay-missing', (c) => ofSubscription(c, 'missing'))
    .post('/v1/events/:eventId/replay', async (c) => {
      const { eventId, state, createdAt } = await requireEvent(c)
      switch (state) {
        case 'pending': {
          const message = 'The event is still to be processed. What it leads to comes then.'
          throw new ApiError('event_not_processed', message)
        }
        case 'failed': {
          const shard = await c.var.database.transaction(async (transaction) => {
            const requeued = await createWebhookEventRequeueQueries(transaction).requeue(eventId)
            if (requeued === null) return null
            await createAuditLogQueries(transaction).append(
              auditEntry(c, { action: 'event.requeued', subject: eventId }),
            )
            return requeued
          })
          if (shard !== null) deps.pumpTrigger.trigger([shard])
          return c.json({ event_id: eventId, requeued: true, replay: null }, 202)
        }
        case 'processed': {
          const replay = await startReplay(deps, c, {
            ...{ kind: 'event', subscriptionId: null, eventId, since: createdAt, until: null },
          })
          c.header('Location', replayUrl(replay.replayId))
          return c.json(
            { event_id: eventId, requeued: false, replay: replayBody(replay, deps) },
            202,
          )
        }
        default:
          return unknownState(state)
      }
    })
    .get('/v1/replays', async (c) => {
      const query = readQuery(c.req.raw, ReplayListQuerySchema)
      const found = await createWebhookReplayQueries(c.var.database).list(
        { subscriptionId: query.subscription_id, state: query.state },
        query.limit + 1,
        decodePlace(query.cursor),
      )
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      return c.json({
        replays: page.map((replay) => replayBody(replay, deps)),
        next_cursor: last === undefined ? null : encodePlace({ at: last.place, id: last.replayId }),
      })
    })
    .get('/v1/replays/:replayId', async (c) => c.json(replayBody(await requireReplay(c), deps)))
    .post('/v1/replays/:replayId/cancel', async (c) => {
      const { replayId } = await requireReplay(c)
      const asked = await c.var.database.transaction(async (transaction) => {
        const wished = await createWebhookReplayQueries(transaction).askCancel(replayId)
        if (wished === null) return null
        await createAuditLogQueries(transaction).append(
          auditEntry(c, { action: 'replay.cancelled', subject: replayId }),
        )
        return wished
      })
      if (asked === null) throw new ApiError('replay_ended', 'The replay has ended already.')
      await deps.starters.wakeReplay(replayId).catch((error: unknown) => {
        // The wish stands in its row.
        deps.logger.warn({ err: error, replayId }, 'replay could not be woken')
      })
      return c.json(replayBody(asked, deps), 202)
    })
}

async function requireReplay(c: ApiContext): Promise<WebhookReplay> {
  const replayId = c.req.param('replayId') ?? ''
  const found = isPlainId(replayId)
    ? await createWebhookReplayQueries(c.var.database).get(replayId)
    : null
  if (found === null) throw new ApiError('replay_not_found', 'There is no replay of this id.')
  return found
}

function unknownState(state: never): never {
  throw new Error(`Unknown state ${String(state)}`)
}
