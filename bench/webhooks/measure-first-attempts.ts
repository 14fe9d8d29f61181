import { watchOthers } from '../machine-load.ts'
import { startReceivers } from './receivers.ts'
import { runLoad } from './run-load.ts'
import { type Spread, spreadOf } from './spread.ts'
import { type StageTimes, stageTimes } from './stage-times.ts'
import type { WebhookStack } from './webhook-stack.ts'

/** Endpoints that each event goes to. */
export const MATCHED = 5
const QUIET_MS = 20_000
const DRAIN_MS = 120_000
const WARM_UP_SECONDS = 3

export interface FirstAttemptResult {
  readonly rate: number
  readonly endpoints: number
  readonly events: number
  /** Milliseconds from the sending of the webhook to the arrival of the first attempt at each endpoint. */
  readonly latency: Spread
  readonly lateness: Spread
  readonly stages: StageTimes
  readonly missing: number
  readonly duplicates: number
  readonly othersShare: number | null
}

/** How long an event takes from its sender, through the intake, to its subscribers. */
export async function measureFirstAttempts(
  stack: WebhookStack,
  options: {
    readonly rates: readonly number[]
    readonly endpoints: readonly number[]
    readonly seconds: number
    readonly concurrency: number
  },
  report: (line: string) => void,
): Promise<readonly FirstAttemptResult[]> {
  const results: FirstAttemptResult[] = []
  for (const endpoints of options.endpoints) {
    const receivers = await startReceivers(Array.from({ length: endpoints }, () => 'ok'))
    try {
      const objectTypes = Array.from(
        { length: Math.ceil(endpoints / MATCHED) },
        (_, n) => `Bench${n}__c`,
      )
      await stack.subscribe(
        receivers.urls.map((url, n) => ({
          ...{ url, concurrency: options.concurrency },
          objectType: `Bench${Math.floor(n / MATCHED)}__c`,
        })),
      )
      const load = { origin: stack.apiUrl, secret: stack.webhookSecret, objectTypes }
      await runLoad({ ...load, rate: 50, seconds: WARM_UP_SECONDS })
      for (const rate of options.rates) {
        await stack.drained(DRAIN_MS)
        await receivers.reset()
        const watch = watchOthers()
        const since = new Date()
        const { samples, lateness } = await runLoad({ ...load, rate, seconds: options.seconds })
        const othersShare = watch()
        const sent = new Map(
          samples.flatMap(([eventId, , sentAt]) =>
            eventId === null ? [] : [[eventId, sentAt] as const],
          ),
        )
        const expected = sent.size * Math.min(MATCHED, endpoints)
        const { duplicates } = await receivers.waitFor(expected, QUIET_MS)
        await stack.drained(DRAIN_MS)
        const times = (await receivers.arrivals()).flatMap(([eventId, , at]) => {
          const sentAt = sent.get(eventId)
          return sentAt === undefined ? [] : [at - sentAt]
        })
        const result: FirstAttemptResult = {
          ...{ rate, endpoints, events: samples.length, lateness, duplicates, othersShare },
          latency: spreadOf(times),
          stages: await stageTimes(stack.pool, since),
          missing: samples.length * Math.min(MATCHED, endpoints) - times.length,
        }
        results.push(result)
        report(
          `first attempts, ${rate}/s, ${endpoints} endpoints: p50 ${result.latency.p50.toFixed(0)} ms, p95 ${result.latency.p95.toFixed(0)} ms, ${result.missing} missing`,
        )
      }
    } finally {
      await receivers.stop()
    }
  }
  return results
}
