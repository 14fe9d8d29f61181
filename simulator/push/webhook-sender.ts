import type { DatabaseSync } from 'node:sqlite'
import { API_VERSIONS } from '../org.ts'
import type { Settings } from '../settings.ts'
import { patientTransaction } from '../store/database.ts'
import type { CalloutQueue, QueuedCallout } from './callout-queue.ts'
import type { ChangeQueue } from './change-queue.ts'
import type { Push, PushDeliverer, Spoiling } from './deliver-push.ts'
import type { PushLog } from './push-log.ts'
import { signature } from './signed-form.ts'
import type { Subscription, Webhook } from './subscription.ts'
import { calloutsOf } from './webhook-callouts.ts'

export type WebhookSubscription = Extract<Subscription, { kind: 'webhook' }>

export interface WebhookSenderDeps {
  readonly database: DatabaseSync
  readonly changes: ChangeQueue
  readonly callouts: CalloutQueue
  readonly deliverer: PushDeliverer
  readonly log: PushLog
  readonly settings: () => Settings
}

/** Makes the callouts of an org's own Apex: each once, unless its author repeats failed ones. */
export interface WebhookSender {
  /** Turns the changes of transactions that are over into callouts. */
  plan(subscription: WebhookSubscription): Promise<void>
  /** The making of the next callout; `null` when none is due that is not under way. */
  next(subscription: WebhookSubscription): Promise<void> | null
}

const USER_AGENT = `SFDC-Callout/${API_VERSIONS[API_VERSIONS.length - 1]}.0`

export function createWebhookSender(deps: WebhookSenderDeps): WebhookSender {
  const { callouts, changes } = deps
  const underWay = new Set<number>()

  async function planBatch({ n, webhook }: WebhookSubscription): Promise<boolean> {
    const batch = changes.dueBatch(n, Date.now())
    if (batch.length === 0) return false
    const made = calloutsOf(webhook, batch)
    const allowed = deps.settings().calloutsPerTransaction
    const refused = made.slice(allowed)
    const isPlanned = await patientTransaction(deps.database, () => {
      // Taken away with its subscription while this waited for a bulk batch: callouts of it would wait for ever.
      if (!batch.every(({ n: change, recordId }) => changes.holds(change, recordId))) return false
      changes.remove(batch.map((change) => change.n))
      for (const callout of made.slice(0, allowed)) {
        callouts.add({ subscription: n, ...callout }, Date.now())
      }
      return true
    })
    if (!isPlanned) return true
    for (const callout of refused) {
      deps.log.add({
        ...callout,
        at: Date.now(),
        ms: 0,
        subscription: n,
        kind: 'webhook',
        url: webhook.url,
        notificationIds: [],
        attempt: 0,
        outcome: 'refused',
        status: 0,
        error: `System.LimitException: Too many callouts: ${allowed + 1}`,
        answer: '',
        faults: [],
      })
    }
    return true
  }

  async function send(
    subscription: WebhookSubscription,
    callout: QueuedCallout,
    signal: AbortSignal,
  ): Promise<void> {
    const { webhook } = subscription
    const { database, settings } = deps
    const isLast = callout.attempts >= webhook.retries
    // Forgotten before it is made: a callout that a crash interrupts is lost, as Apex's are.
    if (isLast) await patientTransaction(database, () => callouts.remove(callout.n))
    const delivery = await deps.deliverer.deliver({
      ...toPush(subscription, callout, settings()),
      signal,
    })
    if (isLast || delivery === 'stopped') return
    await patientTransaction(database, () => {
      if (delivery === 'failed') callouts.postpone(callout.n, Date.now() + webhook.retryDelayMs)
      else callouts.remove(callout.n)
    })
  }

  return {
    async plan(subscription) {
      for (;;) if (!(await planBatch(subscription))) return
    },
    next(subscription) {
      const [callout] = callouts
        .due(subscription.n, Date.now(), underWay.size + 1)
        .filter(({ n }) => !underWay.has(n))
      if (callout === undefined) return null
      underWay.add(callout.n)
      return send(subscription, callout, deps.deliverer.signal()).finally(() =>
        underWay.delete(callout.n),
      )
    },
  }
}

function toPush(
  subscription: WebhookSubscription,
  callout: QueuedCallout,
  settings: Settings,
): Omit<Push, 'signal'> {
  return {
    subscription,
    object: callout.object,
    recordIds: callout.recordIds,
    notificationIds: [],
    attempt: callout.attempts + 1,
    timeoutMs: settings.calloutTimeoutMs,
    request: (spoiling) => ({
      headers: headersOf(subscription.webhook, callout.body, spoiling),
      body: callout.body,
    }),
    refusal: (status) => (status >= 200 && status < 300 ? null : `status ${status}`),
  }
}

function headersOf(webhook: Webhook, body: string, spoiling: Spoiling): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1_000) - spoiling.ageSeconds)
  const signer = spoiling.wrongSignature ? { ...webhook, secret: `not ${webhook.secret}` } : webhook
  return {
    'content-type': 'application/json',
    accept: 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2',
    'user-agent': USER_AGENT,
    sfdc_stack_depth: '1',
    'x-salesforce-timestamp': timestamp,
    'x-salesforce-signature': signature(signer, timestamp, body),
  }
}
