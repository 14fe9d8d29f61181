import { Counter, Histogram, type Registry } from 'prom-client'

/** An answer of Salesforce. */
export interface ObservedCall {
  readonly method: string
  readonly path: string
  readonly httpStatus: number
  readonly durationMs: number
}

/** An attempt at an endpoint. */
export interface ObservedAttempt {
  readonly outcome: 'delivered' | 'again' | 'failed'
  /** What kind of trouble it met; null for a success. */
  readonly error: string | null
  readonly durationMs: number
}

export interface WorkerMetrics {
  salesforceAnswer(call: ObservedCall): void
  /** By one of the kinds of `salesforce/errors.ts`. */
  salesforceFailure(kind: string): void
  tokenRefresh(outcome: 'succeeded' | 'refused' | 'failed'): void
  deliveryAttempt(attempt: ObservedAttempt): void
  eventsProcessed(events: number, deliveries: number): void
  /** The end of an attempt at an activity. */
  activity(type: string, outcome: 'done' | 'failed' | 'waiting' | 'cancelled', ms: number): void
}

/** Kinds of failure that say: too many calls. */
const LIMITS: ReadonlySet<string> = new Set(['rate_limited', 'quota_daily', 'quota_concurrent'])

/** What a worker counts. */
export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry]
  const calls = new Histogram({
    name: 'conveyor_salesforce_call_duration_seconds',
    help: 'Time until Salesforce began to answer, by the API that was called and the class of the status.',
    labelNames: ['api', 'status'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
    registers,
  })
  const failures = new Counter({
    name: 'conveyor_salesforce_failures_total',
    help: 'Calls to Salesforce that failed, repeats included, by kind.',
    labelNames: ['kind'],
    registers,
  })
  const limits = new Counter({
    name: 'conveyor_salesforce_limit_hits_total',
    help: 'Calls that Salesforce refused as too many, by the limit that was met.',
    labelNames: ['limit'],
    registers,
  })
  const refreshes = new Counter({
    name: 'conveyor_token_refreshes_total',
    help: 'Sessions that were asked of Salesforce.',
    labelNames: ['outcome'],
    registers,
  })
  const attempts = new Counter({
    name: 'conveyor_delivery_attempts_total',
    help: 'Attempts to deliver an event, by what came of the delivery and the kind of trouble.',
    labelNames: ['outcome', 'error'],
    registers,
  })
  const attemptDurations = new Histogram({
    name: 'conveyor_delivery_attempt_duration_seconds',
    help: 'Time that attempts took until endpoints answered or were given up.',
    labelNames: ['outcome'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
    registers,
  })
  const events = new Counter({
    name: 'conveyor_events_processed_total',
    help: 'Events that were fanned out.',
    registers,
  })
  const deliveries = new Counter({
    name: 'conveyor_deliveries_made_total',
    help: 'Deliveries that events were made of.',
    registers,
  })
  const activities = new Histogram({
    name: 'conveyor_activity_duration_seconds',
    help: 'Time that attempts at activities took; those that wait for Salesforce end as waiting.',
    labelNames: ['activity', 'outcome'],
    buckets: [0.01, 0.1, 0.5, 1, 5, 30, 120, 600, 3600],
    registers,
  })

  return {
    salesforceAnswer({ path, httpStatus, durationMs }) {
      const status = `${Math.floor(httpStatus / 100)}xx`
      calls.observe({ api: salesforceApiOf(path), status }, durationMs / 1_000)
    },
    salesforceFailure(kind) {
      failures.inc({ kind })
      if (LIMITS.has(kind)) limits.inc({ limit: kind })
    },
    tokenRefresh: (outcome) => refreshes.inc({ outcome }),
    deliveryAttempt({ outcome, error, durationMs }) {
      attempts.inc({ outcome, error: error ?? 'none' })
      attemptDurations.observe({ outcome }, durationMs / 1_000)
    },
    eventsProcessed(count, made) {
      events.inc(count)
      deliveries.inc(made)
    },
    activity: (activity, outcome, ms) => activities.observe({ activity, outcome }, ms / 1_000),
  }
}

const APIS: readonly (readonly [pattern: RegExp, api: string])[] = [
  [/^\/services\/oauth2\//, 'oauth'],
  [/^\/services\/data\/v[\d.]+\/jobs\/ingest/, 'bulk_ingest'],
  [/^\/services\/data\/v[\d.]+\/jobs\/query/, 'bulk_query'],
  [/^\/services\/data\/v[\d.]+\/query/, 'query'],
  [/^\/services\/data\/v[\d.]+\/limits/, 'limits'],
  [/^\/services\/data\/v[\d.]+\/sobjects(?:\/[^/]+\/describe)?\/?$/, 'describe'],
  [/^\/services\/data\/v[\d.]+\/sobjects/, 'records'],
  [/^\/services\/data\/?$/, 'versions'],
]

/** Which of Salesforce's APIs a path belongs to: one of a few, whatever the path. */
export function salesforceApiOf(path: string): string {
  return APIS.find(([pattern]) => pattern.test(path))?.[1] ?? 'other'
}
