import { patternsFor, storedPattern } from '../../contracts/event-types.ts'
import type { EventFilter } from '../../contracts/subscription.ts'
import type { ExactPlace } from '../../db/exact-time.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import type { WebhookSubscription } from '../../db/salesforce-webhook-subscription-row.ts'
import { createWebhookEventQueries, type StoredWebhookEvent } from '../../db/webhook-events.ts'
import {
  createReplayPageQueries,
  type ReplayableEvent,
  type StreamedEvent,
} from '../../db/webhook-replay-pages.ts'
import type { WebhookReplay } from '../../db/webhook-replays.ts'
import { openEventPayload } from '../../security/event-payload.ts'
import type { Sealing } from '../../security/sealing.ts'
import { recordOf } from '../delivery/delivery-body.ts'
import { internal } from '../failures.ts'
import { matchesFilter } from '../webhook/matches-filter.ts'

/** An event and who is to get it. */
export interface ReplayPair {
  readonly event: ReplayableEvent
  readonly subscriptionId: string
}

/** What one step of a walk came upon. */
export interface ReplayStretch {
  readonly lookedAt: number
  readonly pairs: readonly ReplayPair[]
  /** Null where the walk is at its end. */
  readonly last: ExactPlace | null
}

const ROWS_AT_ONCE = 500

/** The next stretch of a walk, by the kind of the replay. `subscription` is null for an event to all. */
export async function replayPage(
  transaction: DatabaseTransactionConnection,
  sealing: Sealing,
  replay: WebhookReplay,
  subscription: WebhookSubscription | null,
): Promise<ReplayStretch> {
  const pages = createReplayPageQueries(transaction)
  const { since, until, cursor, kind } = replay
  const span = { since, until, after: cursor }
  switch (kind) {
    case 'failed': {
      const { subscriptionId } = requireSubscription(subscription)
      const page = await pages.failedOf(subscriptionId, span, ROWS_AT_ONCE)
      return { ...page, pairs: page.found.map((event) => ({ event, subscriptionId })) }
    }
    case 'missing': {
      const wanted = requireSubscription(subscription)
      const page = await pages.events(span, ROWS_AT_ONCE)
      const asked = page.found.filter((event) => asksFor(wanted, event))
      const missing = await pages.withoutDelivery(wanted.subscriptionId, asked)
      const events = await passing(
        transaction,
        sealing,
        wanted.filter,
        asked.filter(({ eventId }) => missing.has(eventId)),
      )
      const pairs = events.map((event) => ({ event, subscriptionId: wanted.subscriptionId }))
      return { lookedAt: page.lookedAt, last: page.last, pairs }
    }
    case 'event':
      return toAll(transaction, sealing, replay)
    default:
      return unknownKind(kind)
  }
}

function asksFor(subscription: WebhookSubscription, event: StreamedEvent): boolean {
  const { connectionId, subscriptionId } = subscription
  const isOther =
    connectionId !== null && event.connectionId !== null && connectionId !== event.connectionId
  // Nobody is told at an address that it does not work.
  const isOfItself = event.objectType === 'endpoint' && event.objectId === subscriptionId
  if (isOther || isOfItself) return false
  const patterns = new Set(subscription.events.map(storedPattern))
  return patternsFor(event.eventType).some((pattern) => patterns.has(pattern))
}

/** Those that the filter takes; payloads are read only where it looks into them. */
async function passing(
  transaction: DatabaseTransactionConnection,
  sealing: Sealing,
  filter: EventFilter | null,
  events: readonly StreamedEvent[],
): Promise<readonly StreamedEvent[]> {
  if (filter === null || events.length === 0) return events
  const looksInside = Object.keys(filter.equals ?? {}).length > 0
  const stored = looksInside ? await createWebhookEventQueries(transaction).getAll(events) : []
  const byId = new Map(stored.map((event) => [event.eventId, event]))
  return events.filter((event) =>
    matchesFilter(filter, {
      changedFields: event.changedFields,
      record: () => recordOfStored(sealing, byId.get(event.eventId)),
    }),
  )
}

function recordOfStored(sealing: Sealing, event: StoredWebhookEvent | undefined) {
  if (event === undefined) return null
  return recordOf(openEventPayload(sealing, event.eventId, event)) ?? null
}

/** The cursor of this walk is the last subscription. */
async function toAll(
  transaction: DatabaseTransactionConnection,
  sealing: Sealing,
  { eventId, since, cursor }: WebhookReplay,
): Promise<ReplayStretch> {
  const event = await createWebhookEventQueries(transaction).get(eventId ?? '')
  if (event === null) return { lookedAt: 0, pairs: [], last: null }
  const subscriptions = await createReplayPageQueries(transaction).subscriptionsFor(
    { ...event, patterns: patternsFor(event.eventType) },
    cursor?.id ?? '',
    ROWS_AT_ONCE,
  )
  const last = subscriptions[subscriptions.length - 1]
  const content = { ...event, record: () => recordOfStored(sealing, event) }
  return {
    lookedAt: subscriptions.length,
    pairs: subscriptions
      .filter(({ filter }) => matchesFilter(filter, content))
      .map(({ subscriptionId }) => ({ event, subscriptionId })),
    last:
      last === undefined
        ? null
        : { at: since.toISOString().replace('Z', '000Z'), id: last.subscriptionId },
  }
}

function requireSubscription(subscription: WebhookSubscription | null): WebhookSubscription {
  if (subscription === null) throw internal('A replay of this kind needs its subscription.')
  return subscription
}

function unknownKind(kind: never): never {
  throw new Error(`Unknown kind of replay ${String(kind)}`)
}
