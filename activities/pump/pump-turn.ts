import { setTimeout as sleep } from 'node:timers/promises'
import { Context } from '@temporalio/activity'
import type { PumpTurn } from '../../contracts/pump.ts'
import type { Database } from '../../db/database.ts'
import { createWebhookDeliveryResultQueries } from '../../db/webhook-delivery-results.ts'
import type { Sealing } from '../../security/sealing.ts'
import type { Deliverer } from '../delivery/deliverer.ts'
import type { Logger } from '../dependencies.ts'
import { type FannedOut, fanOut } from './fan-out.ts'
import type { PumpSignals } from './pump-signals.ts'

/** A turn takes no longer; the next one follows at once. */
const TURN_MS = 60_000
/** Without anything to do, a turn ends after so long. */
const IDLE_MS = 30_000
/** Events of a workspace in one transaction, at most and at first. */
const EVENTS_AT_ONCE = 200
const FIRST_EVENTS = 20
/** Deliveries in one transaction, about: where thousands of subscriptions match, few events are many rows. */
const DELIVERIES_AT_ONCE = 10_000
const WORKSPACES_AT_ONCE = 100
/** Workspaces whose limit is remembered; one that is forgotten begins with few events again. */
const MOST_LIMITS = 10_000
/** A workspace whose events cannot be fanned out is left alone for so long, twice as long each time. */
const FIRST_REST_MS = 250
const MOST_REST_MS = 15_000
/** Hints can be lost: the tables are looked at all the same. */
const LOOK_MS = 500
/**
 * Rounds that took all there was begin so far apart: one that finds a single event costs as much as one that finds many,
 * and rounds on end would take the processor from whoever stores the next events.
 */
const FAN_OUT_ROUND_MS = 30
const CLAIM_ROUND_MS = 30
const HEARTBEAT_MS = 1_000
/** Deliveries of subscriptions that ended are put aside so often. */
const SWEEP_MS = 10_000
const ENDED_AT_ONCE = 1_000

export interface PumpOptions {
  readonly database: Database
  readonly sealing: Sealing
  readonly logger: Logger
  readonly deliverer: Deliverer
  readonly signals: PumpSignals
  /** Channels with something to tell. */
  readonly onNotifications: (workspaceId: string, channelIds: readonly string[]) => void
  /** Events became deliveries. */
  readonly onFannedOut?: (done: { readonly events: number; readonly deliveries: number }) => void
  /** Readers of this workspace's stream have something to read. */
  readonly onProcessed: (workspaceId: string) => void
}

async function restUntil(at: number): Promise<void> {
  const rest = at - performance.now()
  if (rest > 0) await sleep(rest)
}

/** One turn of a pump: events become deliveries, and deliveries leave. Everything it does, another one may repeat. */
export function createPumpTurn(options: PumpOptions) {
  const { database, deliverer, signals } = options
  const { pump } = database.system
  /** Events that each workspace gets taken at once. */
  const limits = new Map<string, number>()
  /** Workspaces whose events could not be fanned out, and until when they are left alone. */
  const troubles = new Map<string, { readonly restMs: number; readonly until: number }>()

  function limitAfter(limit: number, { events, matches }: FannedOut): number {
    const fitting = Math.floor((DELIVERIES_AT_ONCE * events) / Math.max(1, matches))
    return Math.max(1, Math.min(EVENTS_AT_ONCE, limit * 2, fitting))
  }

  return {
    async pumpTurn({ shard }: { readonly shard: number }): Promise<PumpTurn> {
      const { cancellationSignal } = Context.current()
      const began = Date.now()
      const before = deliverer.counts(shard)
      const turn = { events: 0, deliveries: 0, lastWork: Date.now(), ended: false }
      const goesOn = () =>
        !turn.ended &&
        !signals.stopped() &&
        !cancellationSignal.aborted &&
        Date.now() - began < TURN_MS &&
        Date.now() - turn.lastWork < IDLE_MS

      const heartbeat = setInterval(() => Context.current().heartbeat(progress()), HEARTBEAT_MS)
      try {
        // Both have ended before the attempt does: neither is left to go on beside the next one.
        const loops = [fanOutLoop, deliveryLoop].map((loop) => until(goesOn, loop))
        for (const end of await Promise.allSettled(loops)) {
          if (end.status === 'rejected') throw end.reason
        }
        const { attempts, delivered } = progress()
        const nextDueAt = await pump.nextDueAt(shard)
        return { events: turn.events, attempts, delivered, nextDueAt: nextDueAt?.getTime() ?? null }
      } finally {
        clearInterval(heartbeat)
      }

      function progress() {
        const now = deliverer.counts(shard)
        return {
          events: turn.events,
          deliveries: turn.deliveries,
          attempts: now.attempts - before.attempts,
          delivered: now.delivered - before.delivered,
          underWay: deliverer.underWay(shard),
        }
      }

      /** Where one of the loops fails, the other ends too. */
      async function until(goes: () => boolean, loop: (goes: () => boolean) => Promise<void>) {
        try {
          await loop(goes)
        } catch (error) {
          turn.ended = true
          signals.wake(shard)
          throw error
        }
      }

      async function fanOutLoop(goes: () => boolean): Promise<void> {
        // Round and round: those first in the alphabet would otherwise keep the others waiting while there is much to do.
        let after = ''
        let isMore = false
        while (goes()) {
          const roundBegan = performance.now()
          const seen = signals.seen(shard, 'events')
          const isWholeRound = after === ''
          let found = 0
          const workspaceIds = await pump.listWorkspaces(shard, after, WORKSPACES_AT_ONCE)
          for (const workspaceId of workspaceIds) {
            const done = await fanOutUnlessItFails(workspaceId)
            found += done.events
            isMore ||= done.isMore
          }
          after = workspaceIds[WORKSPACES_AT_ONCE - 1] ?? ''
          if (after !== '') continue
          if (found === 0 && isWholeRound) await signals.wait(shard, 'events', seen, LOOK_MS)
          if (!isMore) await restUntil(roundBegan + FAN_OUT_ROUND_MS)
          isMore = false
        }
      }

      /** What goes wrong with the events of one workspace holds up no other. */
      async function fanOutUnlessItFails(workspaceId: string) {
        const trouble = troubles.get(workspaceId)
        if (trouble !== undefined && Date.now() < trouble.until) return { events: 0, isMore: false }
        try {
          const done = await fanOutOf(workspaceId)
          troubles.delete(workspaceId)
          return done
        } catch (error) {
          const restMs = Math.min(MOST_REST_MS, (trouble?.restMs ?? FIRST_REST_MS / 2) * 2)
          if (troubles.size >= MOST_LIMITS) troubles.clear()
          troubles.set(workspaceId, { restMs, until: Date.now() + restMs })
          options.logger.warn(
            { err: error, workspaceId, shard },
            'events wait: they could not be fanned out',
          )
          return { events: 0, isMore: false }
        }
      }

      async function fanOutOf(workspaceId: string) {
        const limit = limits.get(workspaceId) ?? FIRST_EVENTS
        const done = await fanOut({
          ...{ workspaceId, shard, limit },
          database: database.workspace(workspaceId),
          sealing: options.sealing,
          logger: options.logger,
        })
        if (done.events === 0) return { events: 0, isMore: false }
        if (limits.size >= MOST_LIMITS) limits.clear()
        limits.set(workspaceId, limitAfter(limit, done))
        options.onFannedOut?.(done)
        turn.events += done.events
        turn.deliveries += done.deliveries
        turn.lastWork = Date.now()
        deliverer.remember(done.wanted)
        for (const other of done.shards) signals.announce(other, 'deliveries')
        if (done.channelIds.length > 0) options.onNotifications(workspaceId, done.channelIds)
        options.onProcessed(workspaceId)
        return { events: done.events, isMore: done.events >= limit }
      }

      async function deliveryLoop(goes: () => boolean): Promise<void> {
        let swept = 0
        while (goes()) {
          if (Date.now() - swept > SWEEP_MS) {
            await endWaitingOfEnded()
            swept = Date.now()
          }
          const roundBegan = performance.now()
          const seen = signals.seen(shard, 'deliveries')
          const { left, more } = await deliverer.send(shard)
          if (left > 0) turn.lastWork = Date.now()
          if (more) continue
          const { fast, slow } = deliverer.underWay(shard)
          // An answer that is still to come is work.
          if (fast + slow > 0) turn.lastWork = Date.now()
          const wait = Math.min(LOOK_MS, deliverer.nextToken(shard) ?? LOOK_MS)
          await signals.wait(shard, 'deliveries', seen, wait)
          await restUntil(roundBegan + CLAIM_ROUND_MS)
        }
      }

      /** Nobody would send them, and nobody would see that they are not sent. */
      async function endWaitingOfEnded(): Promise<void> {
        for (const ended of await pump.listEndedWithWaiting(shard, WORKSPACES_AT_ONCE)) {
          const results = createWebhookDeliveryResultQueries(database.workspace(ended.workspaceId))
          await results.endWaiting(ended, {
            error: ended.deleted ? 'subscription_deleted' : 'endpoint_disabled',
            onlyIfEnded: true,
            olderThanSeconds: null,
            limit: ENDED_AT_ONCE,
          })
          turn.lastWork = Date.now()
        }
      }
    },
  }
}
