import type { DatabaseSync } from 'node:sqlite'
import { makeId } from '../ids.ts'
import type { Schema } from '../schema/schema.ts'
import { type Random, shuffledOrder } from '../seeded-random.ts'
import type { Settings } from '../settings.ts'
import { fieldValue } from '../soql/record-json.ts'
import { patientTransaction } from '../store/database.ts'
import type { RecordStore } from '../store/record-store.ts'
import type { ChangeQueue, QueuedChange } from './change-queue.ts'
import type { Push, PushDeliverer } from './deliver-push.ts'
import { refusalOf } from './outbound-answer.ts'
import { type Notification, outboundEnvelope } from './outbound-envelope.ts'
import type { PushLog } from './push-log.ts'
import { soapValue } from './soap-value.ts'
import type { OutboundMessage, Subscription } from './subscription.ts'

/** Notifications that one message may hold. */
const MESSAGE_SIZE = 100
const ACTION_PREFIX = '04k'
const NOTIFICATION_PREFIX = '04l'

export type OutboundSubscription = Extract<Subscription, { kind: 'outbound' }>

/** Sessions that messages hand to their listeners. */
export interface PushSessions {
  /** A new session of the user with this number. */
  open(userNumber: number): Promise<string>
  isLive(token: string): boolean
}

export interface OutboundSenderDeps {
  readonly database: DatabaseSync
  readonly schema: Schema
  readonly store: RecordStore
  readonly changes: ChangeQueue
  readonly deliverer: PushDeliverer
  readonly log: PushLog
  readonly settings: () => Settings
  readonly random: () => Random
  readonly baseUrl: () => string
  readonly sessions: PushSessions
}

/** Sends what is due of a subscription; a message is repeated until it is acknowledged or too old. */
export interface OutboundSender {
  /** The sending of the next message; `null` when nothing is due that is not under way. */
  next(subscription: OutboundSubscription): Promise<void> | null
}

export function createOutboundSender(deps: OutboundSenderDeps): OutboundSender {
  const { changes } = deps
  const underWay = new Set<number>()
  const sessions = new Map<number, string>()

  function take({ n, outbound }: OutboundSubscription, now: number): QueuedChange[] {
    const waiting = changes
      .due(n, now, MESSAGE_SIZE + underWay.size)
      .filter((change) => !underWay.has(change.n))
    const [first] = waiting
    if (first === undefined || first.due > now) return []
    // A message carries one session, so all of it must be of one user.
    const fitting = outbound.includeSessionId
      ? waiting.filter((change) => change.by === first.by)
      : waiting
    return fitting.slice(0, MESSAGE_SIZE)
  }

  async function send(
    subscription: OutboundSubscription,
    taken: readonly QueuedChange[],
    signal: AbortSignal,
  ): Promise<void> {
    const settings = deps.settings()
    const isOver = (change: QueuedChange): boolean =>
      Date.now() - change.queued >= settings.outboundLifetimeMs
    const expired = taken.filter(isOver)
    const live = taken.filter((change) => !isOver(change))
    if (expired.length > 0) {
      await patientTransaction(deps.database, () => changes.remove(numbersOf(expired)))
      deps.log.add(expiry(subscription, expired))
    }
    if (live.length === 0) return
    const order = settings.outboundShuffle
      ? shuffledOrder(live.length, deps.random())
      : live.map((_, index) => index)
    const ordered = order.flatMap((index) => live[index] ?? [])
    const delivery = await deps.deliverer.deliver({
      ...(await toPush(subscription, ordered, settings)),
      signal,
    })
    await patientTransaction(deps.database, () => settle(delivery, ordered))
  }

  function settle(
    delivery: 'delivered' | 'failed' | 'dropped' | 'stopped',
    sent: readonly QueuedChange[],
  ): void {
    const settings = deps.settings()
    const isFirst = sent.every((change) => change.attempts === 0)
    switch (delivery) {
      case 'delivered':
        // The org may lose its note of an acknowledgement: then the same notifications come again.
        if (isFirst && deps.random()() < settings.outboundDuplicateRate) {
          changes.postpone(numbersOf(sent), Date.now() + settings.outboundWindowMs)
        } else changes.remove(numbersOf(sent))
        return
      case 'dropped':
        changes.remove(numbersOf(sent))
        return
      case 'failed':
        for (const { n, attempts } of sent) {
          const wait = settings.outboundRetryFirstMs * 2 ** attempts
          changes.postpone([n], Date.now() + Math.min(wait, settings.outboundRetryMaxMs))
        }
        return
      case 'stopped':
        return
    }
  }

  async function toPush(
    subscription: OutboundSubscription,
    sent: readonly QueuedChange[],
    settings: Settings,
  ): Promise<Omit<Push, 'signal'>> {
    const { outbound } = subscription
    const by = sent[0]?.by ?? 0
    const sessionId = outbound.includeSessionId ? await sessionOf(by) : null
    return {
      subscription,
      object: outbound.object,
      recordIds: sent.map((change) => change.recordId),
      notificationIds: sent.map((change) => makeId(NOTIFICATION_PREFIX, change.n)),
      attempt: 1 + Math.max(...sent.map((change) => change.attempts)),
      timeoutMs: settings.outboundTimeoutMs,
      // Made when it is sent: the record may have changed while a fault held the message back.
      request: () => ({
        headers: {
          'content-type': 'text/xml; charset=UTF-8',
          soapaction: '""',
          accept: 'text/xml',
          'user-agent': 'salesforce-simulator',
        },
        body: outboundEnvelope({
          actionId: makeId(ACTION_PREFIX, subscription.n),
          sessionId,
          baseUrl: deps.baseUrl(),
          notifications: sent.map((change) => notification(outbound, change, settings)),
        }),
      }),
      refusal: refusalOf,
    }
  }

  async function sessionOf(user: number): Promise<string> {
    const known = sessions.get(user)
    if (known !== undefined && deps.sessions.isLive(known)) return known
    const opened = await deps.sessions.open(user)
    sessions.set(user, opened)
    return opened
  }

  /** The record as it is now: what happened between the change and this moment is not told. */
  function notification(
    outbound: OutboundMessage,
    change: QueuedChange,
    settings: Settings,
  ): Notification {
    const id = makeId(NOTIFICATION_PREFIX, change.n)
    const object = deps.schema.object(change.object)
    const record = object === null ? null : deps.store.get(object, change.recordId)
    if (object === null || record === null || record.deleted) {
      const recordId = settings.outboundDeletedRecord === 'id' ? change.recordId : null
      return { id, object: change.object, recordId, fields: [] }
    }
    const fields: (readonly [string, string])[] = []
    for (const name of new Set(outbound.fields)) {
      const field = deps.schema.field(object, name)
      if (field === null || field.system === 'id') continue
      const value = soapValue(field, fieldValue(object, record, field))
      if (value !== null) fields.push([field.name, value])
    }
    fields.sort(([a], [b]) => (a < b ? -1 : 1))
    return { id, object: object.name, recordId: change.recordId, fields }
  }

  return {
    next(subscription) {
      const taken = take(subscription, Date.now())
      if (taken.length === 0) return null
      const numbers = numbersOf(taken)
      for (const n of numbers) underWay.add(n)
      return send(subscription, taken, deps.deliverer.signal()).finally(() => {
        for (const n of numbers) underWay.delete(n)
      })
    },
  }
}

function numbersOf(changes: readonly QueuedChange[]): number[] {
  return changes.map((change) => change.n)
}

function expiry(
  { n, outbound }: OutboundSubscription,
  expired: readonly QueuedChange[],
): Parameters<PushLog['add']>[0] {
  return {
    at: Date.now(),
    ms: 0,
    subscription: n,
    kind: 'outbound',
    url: outbound.endpointUrl,
    object: outbound.object,
    recordIds: expired.map((change) => change.recordId),
    notificationIds: expired.map((change) => makeId(NOTIFICATION_PREFIX, change.n)),
    attempt: Math.max(...expired.map((change) => change.attempts)),
    outcome: 'expired',
    status: 0,
    error: 'not acknowledged in time',
    body: '',
    answer: '',
    faults: [],
  }
}
