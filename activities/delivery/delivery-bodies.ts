import type { Database } from '../../db/database.ts'
import type { ClaimedDelivery } from '../../db/webhook-delivery-queue.ts'
import { createWebhookEventQueries, type StoredWebhookEvent } from '../../db/webhook-events.ts'
import { openEventPayload } from '../../security/event-payload.ts'
import type { Sealing } from '../../security/sealing.ts'
import { isRefused } from '../webhook/is-refused.ts'
import { type DeliveryBodyOptions, deliveryBody } from './delivery-body.ts'

/** Characters of bodies that are kept: an event goes to its subscribers at about the same time. */
const MOST_KEPT = 16_000_000

/** What is sent, by event. Null: the event is gone, or its payload does not open. */
export type DeliveryBodies = ReadonlyMap<string, string | null>

export function createDeliveryBodies(
  database: Database,
  sealing: Sealing,
  options: DeliveryBodyOptions,
) {
  let kept = new Map<string, string>()
  let size = 0

  function keep(eventId: string, body: string): void {
    // All at once: what is still needed is read again, and nothing has to be counted per use.
    if (size > MOST_KEPT) {
      kept = new Map()
      size = 0
    }
    kept.set(eventId, body)
    size += body.length
  }

  /** Null where it does not open, or is no JSON: thrown, it would hold up all that was claimed with it. */
  function bodyOf(event: StoredWebhookEvent): string | null {
    try {
      return deliveryBody(event, openEventPayload(sealing, event.eventId, event), options)
    } catch (error) {
      if (isRefused(error)) return null
      throw error
    }
  }

  return {
    /** Those of one workspace. */
    async load(workspaceId: string, claimed: readonly ClaimedDelivery[]): Promise<DeliveryBodies> {
      const bodies = new Map<string, string | null>()
      const missing = new Map<string, { eventId: string; createdAt: Date }>()
      for (const { eventId, eventCreatedAt } of claimed) {
        const body = kept.get(eventId)
        bodies.set(eventId, body ?? null)
        if (body === undefined) missing.set(eventId, { eventId, createdAt: eventCreatedAt })
      }
      if (missing.size === 0) return bodies
      const events = createWebhookEventQueries(database.workspace(workspaceId))
      for (const event of await events.getAll([...missing.values()])) {
        const body = bodyOf(event)
        if (body !== null) keep(event.eventId, body)
        bodies.set(event.eventId, body)
      }
      return bodies
    },
  }
}
