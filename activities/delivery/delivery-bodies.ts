import type { Database } from '../../db/database.ts'
import type { ClaimedDelivery } from '../../db/webhook-delivery-queue.ts'
import { createWebhookEventQueries, type StoredWebhookEvent } from '../../db/webhook-events.ts'
import { openEventPayload } from '../../security/event-payload.ts'
import type { Sealing } from '../../security/sealing.ts'
import { isRefused, isUnopened } from '../webhook/is-refused.ts'
import { type DeliveryBodyOptions, deliveryBody } from './delivery-body.ts'

/** Characters of bodies that are kept: an event goes to its subscribers at about the same time. */
const MOST_KEPT = 16_000_000

/** What is sent, by event. Null: the event is gone, or is none; `unopened`: this process has no key for it, for now. */
export type DeliveryBodies = ReadonlyMap<string, DeliveryBody | null>
export type DeliveryBody = string | 'unopened'

export function createDeliveryBodies(
  database: Database,
  sealing: Sealing,
  options: DeliveryBodyOptions,
) {
  const kept = new Map<string, string>()
  let size = 0

  /** Null where it does not open, or is no JSON: thrown, it would hold up all that was claimed with it. */
  function keep(event: StoredWebhookEvent): DeliveryBody | null {
    const { eventId } = event
    const body = bodyOf(event)
    if (body === null || body === 'unopened') return body
    size += body.length - (kept.get(eventId)?.length ?? 0)
    kept.set(eventId, body)
    for (const [oldest, { length }] of kept) {
      if (size <= MOST_KEPT) break
      kept.delete(oldest)
      size -= length
    }
    return body
  }

  function bodyOf(event: StoredWebhookEvent): DeliveryBody | null {
    try {
      return deliveryBody(event, openEventPayload(sealing, event.eventId, event), options)
    } catch (error) {
      if (isUnopened(error, event.createdAt)) return 'unopened'
      if (isRefused(error)) return null
      throw error
    }
  }

  return {
    /** They are about to be sent, by this process as a rule: they need not be read again. */
    remember(events: readonly StoredWebhookEvent[]): void {
      for (const event of events) keep(event)
    },

    /** Those of one workspace. */
    async load(workspaceId: string, claimed: readonly ClaimedDelivery[]): Promise<DeliveryBodies> {
      const bodies = new Map<string, DeliveryBody | null>()
      const missing = new Map<string, { eventId: string; createdAt: Date }>()
      for (const { eventId, eventCreatedAt } of claimed) {
        const body = kept.get(eventId)
        bodies.set(eventId, body ?? null)
        if (body === undefined) missing.set(eventId, { eventId, createdAt: eventCreatedAt })
      }
      if (missing.size === 0) return bodies
      const events = createWebhookEventQueries(database.workspace(workspaceId))
      for (const event of await events.getAll([...missing.values()])) {
        bodies.set(event.eventId, keep(event))
      }
      return bodies
    },
  }
}
