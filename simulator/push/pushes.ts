import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultBook } from '../faults/fault-book.ts'
import type { ChangeObserver } from '../rules/object-rules.ts'
import type { Schema } from '../schema/schema.ts'
import type { Random } from '../seeded-random.ts'
import type { Settings } from '../settings.ts'
import { patientTransaction } from '../store/database.ts'
import type { RecordStore } from '../store/record-store.ts'
import { createCalloutQueue } from './callout-queue.ts'
import { createChangeObserver } from './change-observer.ts'
import { createChangeQueue } from './change-queue.ts'
import { createPushDeliverer } from './deliver-push.ts'
import { createOutboundSender, type PushSessions } from './outbound-sender.ts'
import { createPushLog, type PushLog } from './push-log.ts'
import type { OutboundMessage, Subscription, Webhook } from './subscription.ts'
import { createSubscriptionStore } from './subscription-store.ts'
import { createWebhookSender } from './webhook-sender.ts'

/** What the org sends by itself: outbound messages and signed webhooks. */
export interface Pushes {
  /** For the writer of the serving thread; other threads make one of their own. */
  readonly observe: ChangeObserver
  readonly log: PushLog
  list(): Subscription[]
  get(n: number): Subscription | null
  addOutbound(outbound: OutboundMessage): Promise<Subscription>
  addWebhook(webhook: Webhook): Promise<Subscription>
  /** What is queued already is still sent when a subscription is no longer active. */
  setActive(n: number, active: boolean): Promise<void>
  /** Removes a subscription with all that waits for it. */
  remove(n: number): Promise<void>
  /** Changes and callouts that wait or are under way. */
  waiting(subscription?: number): number
  /** Makes everything due at once that waits for a later attempt. */
  retryNow(): Promise<void>
  /** Waits until nothing is left to send, but no longer than so long; gives what is left. */
  flush(timeoutMs: number): Promise<number>
  /** Forgets all subscriptions and what waits. Must run inside a transaction. */
  clear(): void
  /** Begins to send, also what an earlier process left. Messages name the org's address: it must be known. */
  start(): void
  /** Ends the sending of what is under way, and of all that waits. */
  stop(): Promise<void>
}

export interface PushesDeps {
  readonly database: DatabaseSync
  readonly schema: Schema
  readonly store: RecordStore
  readonly faults: FaultBook
  readonly settings: () => Settings
  readonly random: () => Random
  readonly baseUrl: () => string
  readonly sessions: PushSessions
  readonly onError: (error: unknown) => void
}

/** How often the queue is looked at: other threads fill it too. */
const LOOK_MS = 20

export function createPushes(deps: PushesDeps): Pushes {
  const { database, settings } = deps
  const subscriptions = createSubscriptionStore(database)
  const changes = createChangeQueue(database)
  const callouts = createCalloutQueue(database)
  const log = createPushLog()
  const deliverer = createPushDeliverer(deps.faults, log)
  const outbound = createOutboundSender({ ...deps, changes, deliverer, log })
  const webhooks = createWebhookSender({ ...deps, changes, callouts, deliverer, log })
  const underWay = new Map<number, Set<Promise<void>>>()
  let timer: NodeJS.Timeout | null = null
  let looking: Promise<void> = Promise.resolve()
  let isRunning = false

  function next(subscription: Subscription): Promise<void> | null {
    return subscription.kind === 'outbound'
      ? outbound.next(subscription)
      : webhooks.next(subscription)
  }

  /** Starts as many pushes as one receiver may have under way. */
  async function send(subscription: Subscription): Promise<void> {
    if (subscription.kind === 'webhook') await webhooks.plan(subscription)
    const running = underWay.get(subscription.n) ?? new Set()
    underWay.set(subscription.n, running)
    while (isRunning && running.size < settings().pushConcurrency) {
      const started = next(subscription)
      if (started === null) return
      const push = started.catch(deps.onError).finally(() => {
        running.delete(push)
        look()
      })
      running.add(push)
    }
  }

  async function sendAll(): Promise<void> {
    for (const subscription of subscriptions.list()) await send(subscription)
  }

  /** One look at a time, and another one soon as long as there is anybody to send to. */
  function look(): void {
    if (!isRunning || timer !== null) return
    timer = setTimeout(() => {
      looking = sendAll()
        .catch(deps.onError)
        .finally(() => {
          timer = null
          if (subscriptions.list().length > 0) look()
        })
    }, LOOK_MS)
    timer.unref()
  }

  async function change<T>(work: () => T): Promise<T> {
    const result = await patientTransaction(database, work)
    look()
    return result
  }

  function waiting(subscription?: number): number {
    return changes.count(subscription) + callouts.count(subscription)
  }

  function runningPushes(): Promise<void>[] {
    return [...underWay.values()].flatMap((running) => [...running])
  }

  return {
    observe: createChangeObserver(database, deps.store, settings),
    log,
    list: subscriptions.list,
    get: subscriptions.get,
    addOutbound: (message) => change(() => subscriptions.addOutbound(message)),
    addWebhook: (webhook) => change(() => subscriptions.addWebhook(webhook)),
    setActive: (n, active) => change(() => subscriptions.setActive(n, active)),
    remove: (n) =>
      change(() => {
        subscriptions.remove(n)
        changes.removeOf(n)
        callouts.removeOf(n)
      }),
    waiting,
    retryNow: () =>
      change(() => {
        changes.makeDue(Date.now())
        callouts.makeDue(Date.now())
      }),
    async flush(timeoutMs) {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const left = waiting() + runningPushes().length
        if (left === 0 || Date.now() >= deadline) return left
        await sleep(5)
      }
    },
    clear() {
      deliverer.breakOff()
      subscriptions.clear()
      changes.clear()
      callouts.clear()
      log.clear()
    },
    start() {
      isRunning = true
      if (subscriptions.list().length > 0) look()
    },
    async stop() {
      isRunning = false
      if (timer !== null) clearTimeout(timer)
      deliverer.breakOff()
      await looking
      await Promise.all(runningPushes())
    },
  }
}
