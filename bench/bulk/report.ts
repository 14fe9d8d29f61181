import { count, known, machine, percent, seconds, table } from '../markdown.ts'
import { judge } from './bars.ts'
import type { ClientRun } from './client-run.ts'
import {
  afterUpstreamMs,
  type BulkBenchResult,
  type CaseResult,
  type Measured,
  medianRun,
  overheadMs,
  wallRatio,
} from './measurements.ts'
import type { ConveyorRun } from './run-conveyor.ts'

/** The whole report as Markdown. */
export function renderReport(result: BulkBenchResult, upstreamRate: number | null): string {
  return [
    '# Bulk jobs',
    machine(),
    upstreamRate === null
      ? 'The simulated org works as fast as it can, on the same processors.'
      : `The simulated org works through at most ${count(upstreamRate)} rows a second and job.`,
    ...result.cases.map(renderCase),
    renderLegacy(result),
    '## Bars',
    table(
      ['what', 'bar', 'figure', ''],
      judge(result).map(({ what, bar, figure, met }) => [
        what,
        bar,
        figure,
        met === null ? 'not measured' : met ? 'met' : '**not met**',
      ]),
    ),
  ].join('\n\n')
}

/** One case: who took how long, what Conveyor's processes used, and where its time went. */
export function renderCase(result: CaseResult): string {
  const conveyor = medianRun(result.conveyor)
  const ratio = wallRatio(result)
  return [
    `## ${count(result.rows)} rows ${result.keyed ? 'with' : 'without'} a correlation field (${megabytes(result.csvBytes)} MB)`,
    table(
      [
        '',
        'create s',
        'rows/s',
        'wall s',
        'rows/s',
        'org busy s',
        'after the org’s end s',
        'peak MB',
        'CPU s',
        'others’ CPU',
      ],
      [
        ...result.conveyor.map((one) => conveyorRow(result.rows, one)),
        ...result.plain.map((one) => clientRow('plain client', result.rows, one)),
        ...result.jsforce.map((one) => clientRow('jsforce bulk2', result.rows, one)),
      ],
    ),
    ...(ratio === undefined
      ? []
      : [`Acceptance to end, over the plain client: **${ratio.toFixed(2)}**`]),
    ...(conveyor === undefined ? [] : [renderUse(conveyor.run), renderTimes(conveyor)]),
  ].join('\n\n')
}

function conveyorRow(rows: number, one: Measured<ConveyorRun>): string[] {
  const { run, upstream } = one
  const cpu = Object.entries(run.use).filter(([name]) => name !== 'simulator')
  return [
    'Conveyor',
    seconds(run.createMs),
    rate(rows, run.createMs),
    seconds(run.wallMs),
    rate(rows, run.wallMs),
    seconds(upstream.busyMs),
    seconds(afterUpstreamMs(one)),
    'below',
    seconds(cpu.reduce((sum, [, use]) => sum + (use.cpuMs ?? Number.NaN), 0)),
    known(one.othersShare, percent),
  ]
}

function clientRow(name: string, rows: number, one: Measured<ClientRun>): string[] {
  const { run, upstream } = one
  return [
    ...[name, '–', '–', seconds(run.wallMs), rate(rows, run.wallMs), seconds(upstream.busyMs), '–'],
    ...[megabytes(run.peakRssBytes), seconds(run.cpuMs), known(one.othersShare, percent)],
  ]
}

function renderUse(run: ConveyorRun): string {
  return table(
    ['process', 'peak MB', 'median MB', 'at the end MB', 'CPU s'],
    Object.entries(run.use).map(([name, use]) => [
      name,
      known(use.peakRssBytes, megabytes),
      known(use.medianRssBytes, megabytes),
      known(use.lastRssBytes, megabytes),
      known(use.cpuMs, seconds),
    ]),
  )
}

function renderTimes({ run, upstream }: Measured<ConveyorRun>): string {
  const { job } = run
  return [
    table(
      ['where the time goes', 'times', 'in all s', 'longest s'],
      run.activities.map(({ activity, count: times, totalMs, longestMs }) => [
        activity,
        count(times),
        seconds(totalMs),
        seconds(longestMs),
      ]),
    ),
    [
      `Accepted → planned ${seconds(job.plannedAt - run.acceptedAt)} s`,
      `→ first upstream job made ${seconds(upstream.firstCreatedAt - job.plannedAt)} s`,
      `→ first closed ${seconds(upstream.firstClosedAt - upstream.firstCreatedAt)} s`,
      `→ last one done ${seconds(upstream.lastFinishedAt - upstream.firstClosedAt)} s`,
      `→ its end noticed ${seconds(lastEnd(run, 'pollLoad') - upstream.lastFinishedAt)} s`,
      `→ last results settled ${seconds(lastEnd(run, 'settleLoad') - lastEnd(run, 'pollLoad'))} s`,
      `→ job ended ${seconds(job.completedAt - lastEnd(run, 'settleLoad'))} s.`,
    ].join(' '),
    [
      `Mean of ${job.phases.loads} load(s): encode and create ${seconds(job.phases.encodeAndCreate)} s,`,
      `upload ${seconds(job.phases.upload)} s, closed to settled ${seconds(job.phases.closedToSettled)} s.`,
    ].join(' '),
  ].join('\n\n')
}

function lastEnd(run: ConveyorRun, activity: string): number {
  return run.activities.find((one) => one.activity === activity)?.lastEndedAt ?? Number.NaN
}

function renderLegacy({ legacy, legacyRows }: BulkBenchResult): string {
  return [
    `## Legacy job of ${count(legacyRows)} JSON records`,
    table(
      [
        'create ms',
        'acceptance to end ms',
        'closed to done by the org ms',
        'beyond that ms',
        'after the org’s end ms',
        'others’ CPU',
      ],
      legacy.map((one) => [
        one.run.createMs.toFixed(0),
        one.run.wallMs.toFixed(0),
        (one.upstream.lastFinishedAt - one.upstream.firstClosedAt).toFixed(0),
        overheadMs(one).toFixed(0),
        afterUpstreamMs(one).toFixed(0),
        known(one.othersShare, percent),
      ]),
    ),
    ...legacy.slice(-1).map(renderTimes),
  ].join('\n\n')
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0)
const rate = (rows: number, ms: number) => count(Math.round((rows / ms) * 1000))
