import type { IsolationResult } from './measure-isolation.ts'
import type { ThroughputResult } from './measure-throughput.ts'
import type { WebhookBenchResult } from './report.ts'

const ACKNOWLEDGEMENT_RATE = 500
const ACKNOWLEDGEMENT_P99_MS = 25
const ATTEMPT_RATE = 200
const ATTEMPT_P95_MS = 150
const LOOP_RATIO = 1.5
const ISOLATION = 0.2

/** A figure beside the bar that was set for it. */
export interface Bar {
  readonly what: string
  readonly bar: string
  readonly figure: string
  /** `null` where this run cannot tell. */
  readonly met: boolean | null
}

/** The bars for webhooks. */
export function judge(result: WebhookBenchResult): readonly Bar[] {
  const acknowledged = (result.acknowledgement ?? [])
    .filter(({ rate }) => rate === ACKNOWLEDGEMENT_RATE)
    .map(({ subscribers, run }) => ({
      what: `acknowledgement at ${ACKNOWLEDGEMENT_RATE}/s, ${subscribers === 0 ? 'nobody subscribed' : 'one subscriber'}: p99`,
      bar: `< ${ACKNOWLEDGEMENT_P99_MS} ms`,
      figure: `${run.acknowledgement.p99.toFixed(1)} ms`,
      met: run.acknowledgement.p99 < ACKNOWLEDGEMENT_P99_MS,
    }))
  const highest = Math.max(
    ...(result.acknowledgement ?? []).filter(({ holds }) => holds).map(({ rate }) => rate),
  )
  const attempted = (result.attempts ?? [])
    .filter(({ rate, endpoints }) => rate === ATTEMPT_RATE && endpoints <= 500)
    .map(({ endpoints, latency }) => ({
      what: `event to first attempt at ${ATTEMPT_RATE}/s, ${endpoints} endpoints: p95`,
      bar: `< ${ATTEMPT_P95_MS} ms`,
      figure: `${latency.p95.toFixed(0)} ms`,
      met: latency.p95 < ATTEMPT_P95_MS,
    }))
  return [
    ...acknowledged,
    ...(result.acknowledgement === undefined
      ? []
      : [{ what: 'highest rate that holds', bar: 'none', figure: `${highest}/s`, met: null }]),
    ...attempted,
    ...(result.throughput === undefined
      ? []
      : [1, 5].map((endpoints) => overLoop(result.throughput?.results ?? [], endpoints))),
    ...(result.isolation ?? []).map(isolation),
  ]
}

function overLoop(results: readonly ThroughputResult[], endpoints: number): Bar {
  const loop = medianOf(results, 'graphile-worker', endpoints)
  const ratio = ratioOf(loop, medianOf(results, 'Conveyor', endpoints))
  return {
    what: `bare graphile-worker loop’s rate over Conveyor’s, ${endpoints === 1 ? 'one endpoint' : 'five endpoints'}`,
    bar: `≤ ${LOOP_RATIO}`,
    figure: ratio?.toFixed(2) ?? 'not run',
    met: ratio === null ? null : ratio <= LOOP_RATIO,
  }
}

function isolation({ name, runs }: IsolationResult): Bar {
  const p95 = (withBad: boolean) =>
    median(runs.filter((one) => one.withBad === withBad).map(({ latency }) => latency.p95))
  const [before, after] = [p95(false), p95(true)]
  const change = before === null || after === null ? null : after / before - 1
  return {
    what: `healthy p95: ${name}`,
    bar: `< +${ISOLATION * 100} %`,
    figure:
      change === null
        ? 'not run'
        : `${before?.toFixed(0)} → ${after?.toFixed(0)} ms, ${change < 0 ? '−' : '+'}${Math.abs(change * 100).toFixed(0)} %`,
    met: change === null ? null : change < ISOLATION,
  }
}

/** Events a second of the median run; null where there is none. */
export function medianOf(
  results: readonly ThroughputResult[],
  who: ThroughputResult['who'],
  endpoints: number,
): number | null {
  return median(
    results
      .filter((one) => one.who === who && one.endpoints === endpoints)
      .map(({ events, drain }) => (events / drain.ms) * 1_000),
  )
}

export function ratioOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a / b
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? null
}
