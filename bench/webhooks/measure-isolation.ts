import { watchOthers } from '../machine-load.ts'
import { type Behaviour, startReceivers } from './receivers.ts'
import { runLoad } from './run-load.ts'
import { type Spread, spreadOf } from './spread.ts'
import type { BenchSubscription, WebhookStack } from './webhook-stack.ts'

const QUIET_MS = 10_000
const DRAIN_MS = 60_000
const WARM_UP_SECONDS = 3

/** Some endpoints that fare badly beside others that do not. */
export interface IsolationCase {
  readonly name: string
  readonly healthy: number
  readonly bad: readonly Behaviour[]
  /** Events are of so many objects; each object's go to its share of both. */
  readonly objects: number
  /** Events a second. */
  readonly rate: number
}

export const ISOLATION_CASES: readonly IsolationCase[] = [
  {
    name: 'one hanging, one 500, one 429, one 410, one dripping beside ten healthy',
    healthy: 10,
    bad: ['hang', '500', '429', '410', 'drip'],
    objects: 1,
    rate: 15,
  },
  {
    name: '150 hanging beside a hundred healthy',
    healthy: 100,
    bad: Array.from({ length: 150 }, () => 'hang'),
    objects: 50,
    rate: 50,
  },
]

export interface IsolationResult {
  readonly name: string
  readonly rate: number
  readonly runs: readonly {
    readonly withBad: boolean
    readonly latency: Spread
    readonly missing: number
    /** Requests that bad endpoints got. */
    readonly misses: number
    readonly othersShare: number | null
  }[]
}

/** The same events to the same healthy endpoints, without and with bad ones beside them, in turn. */
export async function measureIsolation(
  stack: WebhookStack,
  options: { readonly seconds: number; readonly repeat: number; readonly concurrency: number },
  report: (line: string) => void,
): Promise<readonly IsolationResult[]> {
  const results: IsolationResult[] = []
  for (const one of ISOLATION_CASES) {
    const runs: IsolationResult['runs'][number][] = []
    for (let round = 0; round < options.repeat; round += 1) {
      const turns = [false, true]
      // Who goes first alternates: tables grow, and the machine warms.
      for (const withBad of round % 2 === 0 ? turns : turns.toReversed()) {
        const run = { withBad, ...(await measureRun(stack, one, withBad, options)) }
        runs.push(run)
        report(
          `${one.name}, ${withBad ? 'with' : 'without'} the bad: healthy p95 ${run.latency.p95.toFixed(0)} ms, ${run.missing} missing, ${run.misses} bad requests`,
        )
      }
    }
    results.push({ name: one.name, rate: one.rate, runs })
  }
  return results
}

async function measureRun(
  stack: WebhookStack,
  { healthy, bad, objects, rate }: IsolationCase,
  withBad: boolean,
  options: { readonly seconds: number; readonly concurrency: number },
) {
  const good = await startReceivers(Array.from({ length: healthy }, () => 'ok'))
  // In another process: what it costs to be slow must not be what healthy endpoints answer with.
  const others = await startReceivers(withBad ? bad : [])
  const subscriptionsOf = (urls: readonly string[]): BenchSubscription[] =>
    urls.map((url, n) => ({
      url,
      concurrency: options.concurrency,
      objectType: `Bench${n % objects}__c`,
    }))
  try {
    await stack.subscribe(subscriptionsOf(good.urls))
    const load = {
      ...{ origin: stack.apiUrl, secret: stack.webhookSecret, rate },
      objectTypes: Array.from({ length: objects }, (_, n) => `Bench${n}__c`),
    }
    await runLoad({ ...load, seconds: WARM_UP_SECONDS })
    await stack.drained(DRAIN_MS)
    await good.reset()
    // Only now: how they are found out is part of it.
    await stack.subscribe(subscriptionsOf(others.urls), 'beside')
    const watch = watchOthers()
    const { samples } = await runLoad({ ...load, seconds: options.seconds })
    const othersShare = watch()
    const expected = (samples.length * healthy) / objects
    await good.waitFor(expected, QUIET_MS)
    const sent = new Map(
      samples.flatMap(([eventId, , sentAt]) =>
        eventId === null ? [] : [[eventId, sentAt] as const],
      ),
    )
    const times = (await good.arrivals()).flatMap(([eventId, , at]) => {
      const sentAt = sent.get(eventId)
      return sentAt === undefined ? [] : [at - sentAt]
    })
    const { misses } = await others.count()
    return { latency: spreadOf(times), missing: expected - times.length, misses, othersShare }
  } finally {
    await Promise.all([good.stop(), others.stop()])
    await stack.subscribe([])
    await stack.drained(DRAIN_MS)
  }
}
