import type { Database } from '../../db/database.ts'
import type { ClaimedDelivery } from '../../db/webhook-delivery-queue.ts'
import type { StoredWebhookEvent } from '../../db/webhook-events.ts'
import type { SafeFetch } from '../../outbound/safe-fetch.ts'
import type { Sealing } from '../../security/sealing.ts'
import type { Logger } from '../dependencies.ts'
import { type Attempt, attemptDelivery } from './attempt-delivery.ts'
import { createDeliveryBodies } from './delivery-bodies.ts'
import { createDeliveryTargets, type DeliveryTarget } from './delivery-targets.ts'
import { createEndpointPace, type EndpointPace } from './endpoint-pace.ts'
import { createReleaser } from './releaser.ts'
import type { ScheduleOptions } from './retry-schedule.ts'
import { createSettler } from './settler.ts'

/** Attempts of quick endpoints that one pump has under way at most. */
const MOST_FAST = 200
/** Slow endpoints share so many: they wait on each other, and nobody else on them. */
const MOST_SLOW = 32
/** Claimed at once. */
const CLAIM = 100
/** Slow endpoints are looked after so often, in milliseconds: nobody waits for them, and each look is a query. */
const SLOW_LOOK_MS = 200

/** What has left, and whether there may be more that could leave at once. */
export interface Sent {
  readonly left: number
  readonly more: boolean
}

export interface DelivererOptions {
  readonly database: Database
  readonly sealing: Sealing
  readonly fetch: SafeFetch
  readonly logger: Logger
  readonly schedule: ScheduleOptions
  /** No attempt takes longer, in milliseconds. */
  readonly attemptMs: number
  readonly publicUrl: string | null
  /** An endpoint is in trouble from now on; its workflow is to be started. */
  readonly onTroubled: (subscriptionId: string, workspaceId: string) => void
  /** Something was settled: there may be room, or something due, again. */
  readonly onSettled: (shard: number) => void
  /** An attempt was made, whatever came of it. */
  readonly onAttempt?: (attempt: {
    readonly outcome: 'delivered' | 'again' | 'failed'
    readonly error: string | null
    readonly durationMs: number
  }) => void
  /** There are events to fan out: we told something of ourselves. */
  readonly onOwnEvents: () => void
}

export interface Deliverer {
  /** Sends what is due of a shard, as far as there is room, and does not wait for the answers. */
  send(shard: number): Promise<Sent>
  /** Events that are about to be sent need not be read again. */
  remember(events: readonly StoredWebhookEvent[]): void
  /** Milliseconds until a rate lets something through again; null where none holds anything back. */
  nextToken(shard: number): number | null
  /** One attempt at an endpoint in trouble, and its outcome, which the caller settles. */
  probe(delivery: ClaimedDelivery): Promise<{ attempt: Attempt; target: DeliveryTarget } | null>
  /** Attempts under way, and those of slow endpoints among them. */
  underWay(shard: number): { readonly fast: number; readonly slow: number }
  /** Attempts made and deliveries that succeeded, since the process began. */
  counts(shard: number): { readonly attempts: number; readonly delivered: number }
  /** Waits for the answers that are still to come, and settles them. */
  close(): Promise<void>
}

/** What sends deliveries of a process. It outlives the turns of pumps: no turn waits for the last answer. */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const { database, sealing, logger } = options
  const targets = createDeliveryTargets(database, sealing)
  const bodies = createDeliveryBodies(database, sealing, { publicUrl: options.publicUrl })
  const settler = createSettler(options)
  const releaser = createReleaser(options)
  const paces = new Map<number, EndpointPace>()
  const counters = new Map<number, { attempts: number; delivered: number; unsettled: number }>()
  const underWay = new Set<Promise<void>>()
  const slowLookedAt = new Map<number, number>()
  const holdSeconds = options.attemptMs / 1_000 + 15

  function paceOf(shard: number): EndpointPace {
    const pace = paces.get(shard) ?? createEndpointPace()
    paces.set(shard, pace)
    return pace
  }

  function countersOf(shard: number) {
    const known = counters.get(shard) ?? { attempts: 0, delivered: 0, unsettled: 0 }
    counters.set(shard, known)
    return known
  }

  async function sendLane(shard: number, slow: boolean): Promise<Sent> {
    const pace = paceOf(shard)
    const { caps, busy, slowNow, fast, slow: slowCount } = pace.caps()
    const { unsettled } = countersOf(shard)
    const room = slow ? MOST_SLOW - slowCount : MOST_FAST - fast - unsettled
    if (room <= 0) return { left: 0, more: false }
    const limit = Math.min(room, CLAIM)
    const claimed = await database.system.deliveries.claim({
      ...{ shard, caps, busy, slow, slowNow, holdSeconds, limit },
      perEndpoint: slow ? 1 : pace.firstAtOnce,
    })
    if (claimed.length > 0) await start(shard, claimed)
    // Fewer: each endpoint has what it may have, until one of its answers is settled.
    return { left: claimed.length, more: claimed.length === limit }
  }

  async function start(shard: number, claimed: readonly ClaimedDelivery[]): Promise<void> {
    const byWorkspace = Map.groupBy(claimed, ({ workspaceId }) => workspaceId)
    for (const [workspaceId, deliveries] of byWorkspace) {
      const found = await targets.load(workspaceId, deliveries)
      const texts = await bodies.load(workspaceId, deliveries)
      for (const delivery of deliveries) {
        const target = found.get(delivery.subscriptionId)
        const body = texts.get(delivery.eventId)
        // Its subscription was removed, and its queue with it. What this process cannot open yet waits until its claim
        // runs out: another process has the key, or this one after its next start.
        if (target === undefined || body === 'unopened') continue
        const sending = sendOne(shard, delivery, target, body ?? null)
        underWay.add(sending)
        void sending.finally(() => underWay.delete(sending))
      }
    }
  }

  async function sendOne(
    shard: number,
    delivery: ClaimedDelivery,
    target: DeliveryTarget,
    body: string | null,
  ): Promise<void> {
    const { subscriptionId, token } = delivery
    const pace = paceOf(shard)
    const begun = pace.begin(subscriptionId, token, target.target)
    if (begun !== true && !(await begun)) {
      releaser.release(shard, delivery)
      return
    }
    let attempt: Attempt | null = null
    try {
      const { fetch, schedule } = options
      attempt = await attemptDelivery(delivery, target, body, {
        ...{ fetch, schedule, cause: 'schedule' },
      })
    } catch (error) {
      logger.error({ err: error, ...namesOf(delivery) }, 'an attempt could not be made')
    } finally {
      pace.end(subscriptionId, token, attempt?.result.outcome === 'delivered')
    }
    // Its claim runs out, and it goes again: at least once, as promised.
    if (attempt === null) return
    const counter = countersOf(shard)
    counter.attempts += 1
    if (attempt.result.outcome === 'delivered') counter.delivered += 1
    counter.unsettled += 1
    options.onAttempt?.(attempt.result)
    try {
      await settler.settle({ attempt, target: target.target })
    } catch (error) {
      logger.error(
        { err: error, ...namesOf(delivery) },
        'an attempt was made and could not be written down',
      )
    } finally {
      counter.unsettled -= 1
      // One that has enough of its own waiting here needs no look at the tables.
      if (pace.wants(subscriptionId)) options.onSettled(shard)
    }
  }

  return {
    async send(shard) {
      const fast = await sendLane(shard, false)
      const now = performance.now()
      if (now - (slowLookedAt.get(shard) ?? 0) < SLOW_LOOK_MS) return fast
      slowLookedAt.set(shard, now)
      const slow = await sendLane(shard, true)
      return { left: fast.left + slow.left, more: fast.more }
    },

    remember: bodies.remember,

    nextToken: (shard) => paceOf(shard).nextToken(),

    async probe(delivery) {
      const found = await targets.load(delivery.workspaceId, [delivery])
      const target = found.get(delivery.subscriptionId)
      if (target === undefined) return null
      const texts = await bodies.load(delivery.workspaceId, [delivery])
      const { fetch, schedule } = options
      const body = texts.get(delivery.eventId) ?? null
      if (body === 'unopened') return null
      const attempt = await attemptDelivery(delivery, target, body, {
        ...{ fetch, schedule, cause: 'probe' },
      })
      options.onAttempt?.(attempt.result)
      return { attempt, target }
    },

    underWay(shard) {
      const { fast, slow } = paceOf(shard).caps()
      return { fast: fast + countersOf(shard).unsettled, slow }
    },

    counts(shard) {
      const { attempts, delivered } = countersOf(shard)
      return { attempts, delivered }
    },

    async close() {
      await Promise.all(underWay)
      await settler.close()
      await releaser.close()
    },
  }
}

function namesOf({ deliveryId, subscriptionId }: ClaimedDelivery) {
  return { deliveryId, subscriptionId }
}
