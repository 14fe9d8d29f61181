import { count, known, machine, percent, table } from '../markdown.ts'
import { type Bar, judge, medianOf, ratioOf } from './bars.ts'
import type { AcknowledgementResult } from './measure-acknowledgement.ts'
import type { BacklogResult } from './measure-backlog.ts'
import type { FirstAttemptResult } from './measure-first-attempts.ts'
import type { IsolationResult } from './measure-isolation.ts'
import type { Throughput } from './measure-throughput.ts'

/** What was measured; parts that were not asked for are absent. */
export interface WebhookBenchResult {
  /** Programs that could run, over the minute before. */
  readonly loadBefore: number
  readonly concurrency: number
  readonly acknowledgement?: readonly AcknowledgementResult[]
  readonly attempts?: readonly FirstAttemptResult[]
  readonly throughput?: Throughput
  readonly isolation?: readonly IsolationResult[]
  readonly backlog?: readonly BacklogResult[]
}

/** The whole report as Markdown. */
export function renderReport(result: WebhookBenchResult): string {
  return [
    '# Webhooks',
    `${machine()}. Load of the machine in the minute before: ${result.loadBefore.toFixed(1)}. Concurrency of a subscription: ${result.concurrency}. Postgres and Temporal as \`npm start\` runs them, fsync on; senders and receivers share the processors.`,
    ...(result.acknowledgement ? [renderAcknowledgement(result.acknowledgement)] : []),
    ...(result.attempts ? [renderAttempts(result.attempts)] : []),
    ...(result.throughput ? [renderThroughput(result.throughput)] : []),
    ...(result.isolation ? result.isolation.map(renderIsolation) : []),
    ...(result.backlog ? [renderBacklog(result.backlog)] : []),
    '## Bars',
    table(
      ['what', 'bar', 'figure', ''],
      judge(result).map(({ what, bar, figure, met }: Bar) => [
        what,
        bar,
        figure,
        met === null ? 'not measured' : met ? 'met' : '**not met**',
      ]),
    ),
  ].join('\n\n')
}

/** Plans of the claim, for a file of their own; null where none were made. */
export function renderPlans({ backlog }: WebhookBenchResult): string | null {
  if (backlog === undefined) return null
  return [
    '# How a pump finds what is due',
    ...backlog.map(
      ({ shape, pending, plan }) =>
        `## ${count(pending)} pending, ${shape}\n\n\`\`\`\n${plan}\n\`\`\``,
    ),
  ].join('\n\n')
}

/** What did not arrive. */
export function faultsOf({ attempts, throughput, isolation }: WebhookBenchResult): string[] {
  return [
    ...(attempts ?? [])
      .filter(({ missing }) => missing !== 0)
      .map(
        (one) => `${one.missing} deliveries missing at ${one.rate}/s to ${one.endpoints} endpoints`,
      ),
    ...(throughput?.results ?? [])
      .filter(({ drain, events, endpoints }) => drain.arrived !== events * endpoints)
      .map((one) => `${one.who}: ${one.drain.arrived} of ${one.events * one.endpoints} arrived`),
    ...(isolation ?? []).flatMap(({ name, runs }) =>
      runs
        .filter(({ missing }) => missing !== 0)
        .map(({ missing }) => `${missing} healthy deliveries missing with ${name}`),
    ),
  ]
}

function renderAcknowledgement(results: readonly AcknowledgementResult[]): string {
  return [
    '## Acknowledgement',
    table(
      [
        'webhooks/s',
        'subscribers',
        'p50 ms',
        'p95 ms',
        'p99 ms',
        'max ms',
        'not 200',
        'sent late p99 ms',
        'others’ CPU',
        'holds',
      ],
      results.map(({ rate, subscribers, run, holds, othersShare }) => [
        ...[count(rate), String(subscribers)],
        ...[ms(run.acknowledgement.p50), ms(run.acknowledgement.p95), ms(run.acknowledgement.p99)],
        ...[ms(run.acknowledgement.max), String(run.failed), ms(run.lateness.p99)],
        ...[known(othersShare, percent), holds ? 'yes' : 'no'],
      ]),
    ),
  ].join('\n\n')
}

function renderAttempts(results: readonly FirstAttemptResult[]): string {
  return [
    '## Event to first attempt',
    'Each event goes to five endpoints. From the sending of the webhook to its arrival at each of them.',
    table(
      [
        'events/s',
        'endpoints',
        'p50 ms',
        'p95 ms',
        'p99 ms',
        'missing',
        'twice',
        'sent late p99 ms',
        'others’ CPU',
      ],
      results.map((one) => [
        ...[count(one.rate), count(one.endpoints)],
        ...[ms(one.latency.p50), ms(one.latency.p95), ms(one.latency.p99)],
        ...[String(one.missing), String(one.duplicates), ms(one.lateness.p99)],
        known(one.othersShare, percent),
      ]),
    ),
    'Where the time goes, p50 / p95 in ms, from the service’s own rows:',
    table(
      ['events/s', 'endpoints', 'stored → fanned out', '→ attempt begun', 'attempt'],
      results.map(({ rate, endpoints, stages }) => [
        ...[count(rate), count(endpoints)],
        ...[stages.fanOut, stages.claim, stages.attempt].map(
          ({ p50, p95 }) => `${ms(p50)} / ${ms(p95)}`,
        ),
      ]),
    ),
  ].join('\n\n')
}

function renderThroughput({ results, withoutRedis, concurrency }: Throughput): string {
  const names = [...new Set(results.map(({ who }) => who))]
  const own = (endpoints: number) => medianOf(results, 'Conveyor', endpoints)
  return [
    '## Sustained rate',
    `A backlog, from its commit to the last arrival; events a second. ${concurrency} requests at once and endpoint, for all. Conveyor matches subscriptions, signs, records each attempt and keeps the event; the loops have one job a delivery, which they sign and send.`,
    ...(withoutRedis === null ? [] : [`BullMQ was left out: ${withoutRedis}.`]),
    table(
      [
        '',
        'one endpoint',
        'times Conveyor',
        'five endpoints',
        'times Conveyor',
        'CPU ms a delivery',
        'arrived twice',
        'others’ CPU',
      ],
      names.map((who) => {
        const runs = results.filter((one) => one.who === who)
        const rate = (endpoints: number) => medianOf(results, who, endpoints)
        return [
          who,
          ...[1, 5].flatMap((endpoints) => [
            known(rate(endpoints), (value) => value.toFixed(0)),
            known(ratioOf(rate(endpoints), own(endpoints)), (value) => value.toFixed(2)),
          ]),
          [1, 5]
            .map((endpoints) =>
              known(cpuOfDelivery(runs.filter((one) => one.endpoints === endpoints)), (value) =>
                value.toFixed(2),
              ),
            )
            .join(' / '),
          String(runs.reduce((sum, { drain }) => sum + drain.duplicates, 0)),
          known(
            runs.reduce<number | null>(
              (most, { othersShare }) =>
                othersShare === null ? most : Math.max(most ?? 0, othersShare),
              null,
            ),
            percent,
          ),
        ]
      }),
    ),
  ].join('\n\n')
}

function cpuOfDelivery(runs: Throughput['results']): number | null {
  const [first] = runs
  const cpuMs = first?.drain.cpuMs ?? null
  return first === undefined || cpuMs === null ? null : cpuMs / first.drain.arrived
}

function renderIsolation({ name, rate, runs }: IsolationResult): string {
  return [
    `## Isolation: ${name}`,
    `${rate} events/s; from the sending to the arrival at healthy endpoints.`,
    table(
      [
        '',
        'p50 ms',
        'p95 ms',
        'p99 ms',
        'deliveries',
        'missing',
        'requests to the bad',
        'others’ CPU',
      ],
      runs.map((one) => [
        one.withBad ? 'with' : 'without',
        ...[ms(one.latency.p50), ms(one.latency.p95), ms(one.latency.p99)],
        ...[count(one.latency.count), String(one.missing), count(one.misses)],
        known(one.othersShare, percent),
      ]),
    ),
  ].join('\n\n')
}

function renderBacklog(results: readonly BacklogResult[]): string {
  return [
    '## Claims behind a backlog',
    'A claim of one pump of four, and one of its slow lane, which finds nothing.',
    table(
      [
        'pending',
        'shared by',
        'p50 ms',
        'p95 ms',
        'max ms',
        'slow lane p50 ms',
        'p95 ms',
        'deliveries a claim',
        'others’ CPU',
      ],
      results.map((one) => [
        ...[count(one.pending), one.shape],
        ...[ms(one.claim.p50), ms(one.claim.p95), ms(one.claim.max)],
        ...[ms(one.slowClaim.p50), ms(one.slowClaim.p95)],
        (one.claimed / one.claim.count).toFixed(1),
        known(one.othersShare, percent),
      ]),
    ),
  ].join('\n\n')
}

const ms = (value: number) =>
  Number.isNaN(value) ? '–' : value < 100 ? value.toFixed(1) : count(Math.round(value))
