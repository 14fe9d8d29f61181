import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultBook } from '../faults/fault-book.ts'
import type { PushAction } from '../faults/push-action.ts'
import { postPush } from './post-push.ts'
import type { PushLog, PushOutcome } from './push-log.ts'
import { type Subscription, targetOf } from './subscription.ts'

/** How a push may be spoiled before it is sent. */
export interface Spoiling {
  readonly wrongSignature: boolean
  /** Seconds that its timestamp lies in the past. */
  readonly ageSeconds: number
}

/** One message or callout, ready to be sent. */
export interface Push {
  readonly subscription: Subscription
  readonly object: string
  readonly recordIds: readonly string[]
  readonly notificationIds: readonly string[]
  /** 1 for the first. */
  readonly attempt: number
  readonly timeoutMs: number
  /** Ends what is under way when the org closes or is reset. */
  readonly signal: AbortSignal
  request(spoiling: Spoiling): { headers: Readonly<Record<string, string>>; body: string }
  /** Why an answer is no success; `null` for one that is. */
  refusal(status: number, body: string): string | null
}

/** `stopped`: the org closed or was reset meanwhile, and nothing is known of the push. */
export type Delivery = 'delivered' | 'failed' | 'dropped' | 'stopped'

export interface PushDeliverer {
  /** Sends a push as the faults that strike it allow, and records each attempt. */
  deliver(push: Push): Promise<Delivery>
  /** For pushes that begin now. */
  signal(): AbortSignal
  /** Breaks off what is under way. */
  breakOff(): void
}

export function createPushDeliverer(faults: FaultBook, log: PushLog): PushDeliverer {
  let controller = new AbortController()
  /** Held-back pushes by subscription: each goes on when another was sent. */
  const held = new Map<number, Set<() => void>>()

  async function sendOnce(push: Push, actions: readonly PushAction[]): Promise<Delivery> {
    const at = Date.now()
    const { signal } = push
    const { headers, body } = push.request(spoilingOf(actions))
    const url = targetOf(push.subscription)
    const answer = await postPush(url, headers, body, push.timeoutMs, signal)
    if (signal.aborted) return 'stopped'
    const error = answer.error ?? push.refusal(answer.status, answer.body)
    record(push, actions, error === null ? 'delivered' : 'failed', {
      at,
      body,
      error,
      status: answer.status,
      answer: answer.body,
    })
    for (const release of held.get(push.subscription.n) ?? []) release()
    return error === null ? 'delivered' : 'failed'
  }

  function record(
    push: Push,
    actions: readonly PushAction[],
    outcome: PushOutcome,
    result: { at: number; body: string; error: string | null; status: number; answer: string },
  ): void {
    log.add({
      ...result,
      ms: Date.now() - result.at,
      subscription: push.subscription.n,
      kind: push.subscription.kind,
      url: targetOf(push.subscription),
      object: push.object,
      recordIds: push.recordIds,
      notificationIds: push.notificationIds,
      attempt: push.attempt,
      outcome,
      faults: actions.map((action) => action.type),
    })
  }

  async function holdBack(subscription: number, ms: number): Promise<void> {
    const waiting = held.get(subscription) ?? new Set()
    held.set(subscription, waiting)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(release, ms)
      function release(): void {
        clearTimeout(timer)
        waiting.delete(release)
        resolve()
      }
      waiting.add(release)
    })
  }

  return {
    async deliver(push) {
      const { signal, subscription } = push
      if (signal.aborted) return 'stopped'
      const actions = faults.takeForPush({
        call: `push.${subscription.kind}`,
        method: 'POST',
        path: new URL(targetOf(subscription)).pathname,
        object: push.object,
        subscription: subscription.n,
      })
      if (actions.some((action) => action.type === 'push_drop')) {
        const nothing = { at: Date.now(), body: '', error: null, status: 0, answer: '' }
        record(push, actions, 'dropped', nothing)
        return 'dropped'
      }
      for (const action of actions) {
        if (action.type === 'push_delay') await pause(action.ms, signal)
        if (action.type === 'push_reorder') await holdBack(subscription.n, action.ms)
      }
      if (signal.aborted) return 'stopped'
      const delivery = await sendOnce(push, actions)
      for (const action of actions) {
        if (action.type !== 'push_duplicate' || delivery !== 'delivered') continue
        for (let copy = 0; copy < action.copies && !signal.aborted; copy += 1) {
          await pause(action.delayMs, signal)
          if (!signal.aborted) await sendOnce(push, actions)
        }
      }
      return delivery
    },
    signal: () => controller.signal,
    breakOff() {
      controller.abort()
      controller = new AbortController()
      for (const waiting of held.values()) for (const release of waiting) release()
    },
  }
}

function spoilingOf(actions: readonly PushAction[]): Spoiling {
  let ageSeconds = 0
  for (const action of actions) {
    if (action.type === 'push_old_timestamp') ageSeconds = action.seconds
  }
  return {
    ageSeconds,
    wrongSignature: actions.some((action) => action.type === 'push_wrong_signature'),
  }
}

/** Ends early, without an error, when the signal does. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
