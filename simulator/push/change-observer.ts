import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { ChangeObserver, SavedChange } from '../rules/object-rules.ts'
import type { Settings } from '../settings.ts'
import type { RecordStore } from '../store/record-store.ts'
import { createChangeQueue } from './change-queue.ts'
import { isActive, type Subscription } from './subscription.ts'
import { createSubscriptionStore } from './subscription-store.ts'

/** Records that one run of a trigger sees, and so rows of a bulk job that one Apex transaction takes. */
const TRIGGER_ROWS = 200

interface CurrentTransaction {
  readonly number: number
  readonly subscriptions: readonly Subscription[]
  /** Of outbound messages and records for which a message is queued already, the change's number. */
  readonly fired: Map<string, number>
  batch: string
  rows: number
}

/**
 * Queues every change that somebody subscribed to, in the transaction of the change itself: what is
 * rolled back is never pushed, what is committed always is. One a thread that writes.
 */
export function createChangeObserver(
  database: DatabaseSync,
  store: Pick<RecordStore, 'transactionNumber'>,
  settings: () => Settings,
): ChangeObserver {
  const stored = createSubscriptionStore(database)
  const queue = createChangeQueue(database)
  const writer = randomUUID()
  let batches = 0
  let current: CurrentTransaction | null = null

  function nextBatch(): string {
    batches += 1
    return `${writer}-${batches}`
  }

  function transaction(): CurrentTransaction {
    const number = store.transactionNumber()
    if (current?.number === number) return current
    // Read each time: another thread may have changed them.
    const subscriptions = stored.list().filter(isActive)
    current = { number, subscriptions, fired: new Map(), batch: nextBatch(), rows: 0 }
    return current
  }

  return (change) => {
    const ongoing = transaction()
    if (ongoing.subscriptions.length === 0) return
    if (change.context.source === 'bulk') {
      if (ongoing.rows === TRIGGER_ROWS) {
        ongoing.rows = 0
        ongoing.batch = nextBatch()
      }
      ongoing.rows += 1
    }
    const queued = Date.now()
    for (const subscription of ongoing.subscriptions) {
      if (!wants(subscription, change)) continue
      const isOutbound = subscription.kind === 'outbound'
      const firing = `${subscription.n} ${change.id}`
      if (isOutbound) {
        // A rule fires once for a record and transaction, however often the org saves it therein.
        const fired = ongoing.fired.get(firing)
        if (fired !== undefined && queue.holds(fired, change.id)) continue
      }
      const n = queue.add({
        subscription: subscription.n,
        batch: ongoing.batch,
        object: change.object.name,
        recordId: change.id,
        kind: change.kind,
        changed: change.kind === 'updated' ? changedFields(change) : [],
        values: isOutbound ? {} : pick(change, subscription.webhook.fields),
        by: change.context.stamp.by,
        queued,
        due: queued + (isOutbound ? settings().outboundWindowMs : 0),
      })
      if (isOutbound) ongoing.fired.set(firing, n)
    }
  }
}

function wants(subscription: Subscription, { kind, object }: SavedChange): boolean {
  const name = object.name.toLowerCase()
  if (subscription.kind === 'outbound') {
    const { outbound } = subscription
    return outbound.object.toLowerCase() === name && outbound.events.some((event) => event === kind)
  }
  const { events, objects } = subscription.webhook
  if (!events.includes(kind)) return false
  // No trigger can be written for objects that the org alone writes.
  if (objects.includes('*')) return object.createable
  return objects.some((wanted) => wanted.toLowerCase() === name)
}

function changedFields({ object, before, after }: SavedChange): string[] {
  return object.fields
    .filter(({ name, system }) => {
      return system === null && (before?.[name] ?? null) !== (after[name] ?? null)
    })
    .map((field) => field.name)
}

function pick({ object, after }: SavedChange, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const wanted of names) {
    const field = object.fields.find(
      ({ name, system }) => system === null && name.toLowerCase() === wanted.toLowerCase(),
    )
    if (field !== undefined) picked[field.name] = after[field.name] ?? null
  }
  return picked
}
