import { watchOthers } from '../machine-load.ts'
import { startReceivers } from './receivers.ts'
import { type LoadRun, runLoad } from './run-load.ts'
import type { WebhookStack } from './webhook-stack.ts'

const OBJECT = 'Account'
/** A rate holds while its slowest hundredth is answered within this: beyond, requests pile up. */
const HOLDS_WITHIN_MS = 250
/** Tried in turn after the rates asked for, until one does not hold. */
const STEPS = [750, 1_000, 1_250, 1_500, 2_000, 2_500, 3_000, 4_000]
const DRAIN_MS = 120_000

export interface AcknowledgementResult {
  readonly rate: number
  readonly subscribers: number
  readonly seconds: number
  readonly run: Omit<LoadRun, 'samples'>
  readonly holds: boolean
  readonly othersShare: number | null
}

/** How long a sender waits until its webhook is stored for good, with the pumps at work behind it. */
export async function measureAcknowledgement(
  stack: WebhookStack,
  options: {
    readonly rates: readonly number[]
    readonly seconds: number
    readonly concurrency: number
  },
  report: (line: string) => void,
): Promise<readonly AcknowledgementResult[]> {
  const receivers = await startReceivers(['ok'])
  const results: AcknowledgementResult[] = []

  async function measure(rate: number, subscribers: 0 | 1): Promise<AcknowledgementResult> {
    const watch = watchOthers()
    const { samples, ...run } = await runLoad({
      ...{ origin: stack.apiUrl, secret: stack.webhookSecret, rate, seconds: options.seconds },
      objectTypes: [subscribers === 0 ? 'Contact' : OBJECT],
    })
    const holds = run.failed === 0 && run.acknowledgement.p99 <= HOLDS_WITHIN_MS
    const result = { rate, subscribers, seconds: options.seconds, run, holds, othersShare: watch() }
    results.push(result)
    report(
      `acknowledgement, ${rate}/s, ${subscribers} subscribers: p99 ${run.acknowledgement.p99.toFixed(1)} ms, ${run.failed} of ${samples.length} failed`,
    )
    await stack.drained(DRAIN_MS)
    return result
  }

  try {
    const url = receivers.urls[0] ?? ''
    await stack.subscribe([{ url, objectType: OBJECT, concurrency: options.concurrency }])
    await runLoad({
      ...{ origin: stack.apiUrl, secret: stack.webhookSecret, rate: 100, seconds: 3 },
      objectTypes: [OBJECT],
    })
    await stack.drained(DRAIN_MS)
    for (const rate of options.rates) {
      await measure(rate, 0)
      await measure(rate, 1)
    }
    const highest = Math.max(0, ...options.rates)
    for (const rate of STEPS.filter((step) => step > highest)) {
      if (!(await measure(rate, 0)).holds) break
    }
    return results
  } finally {
    await receivers.stop()
  }
}
