import type { MirrorStep, MirrorWatermark } from '../../db/mirror-watermarks.ts'
import { idOf, modstampOf, toMirrorRow } from './mirror-row.ts'
import { pageQuery } from './mirror-soql.ts'
import { commitStep, distinct, type Pull, queryAll } from './pull-context.ts'

/**
 * The next page of what changed. The walk begins some minutes before the time, by the org's own clock, at which the last
 * one began: transactions commit later than their rows are stamped, and the clocks of an org's servers differ.
 */
export async function pullPages(pull: Pull, mark: MirrorWatermark): Promise<void> {
  const { pageRows, overlapMs } = pull.deps.mirror
  const { object } = mark
  const from = mark.modstamp ?? mark.scanFrom ?? new Date(0)
  const place = { modstamp: from, id: mark.modstamp === null ? null : mark.lastId }
  const { records, calls } = await queryAll(pull, pageQuery(object, mark.fields, place, pageRows))
  const rows = distinct(records).map((record) => toMirrorRow(object, record))
  const last = records[records.length - 1]
  const isLast = records.length < pageRows || last === undefined
  const step: MirrorStep = isLast
    ? endOfPages(pull, mark, overlapMs, last === undefined ? from : modstampOf(last))
    : { modstamp: modstampOf(last), lastId: idOf(last) }
  await commitStep(pull, mark, calls, step, (write) =>
    write.upsert(object, pull.owner, rows, overlapMs / 1_000),
  )
}

function endOfPages(
  { deps }: Pull,
  mark: MirrorWatermark,
  overlapMs: number,
  latest: Date,
): MirrorStep {
  const startedAt = mark.pagesStartedAt ?? new Date()
  // Without the org's clock, neither ours nor the latest row may be ahead of it.
  const reached = mark.pagesOrgTime ?? new Date(Math.min(latest.getTime(), startedAt.getTime()))
  const next = new Date(reached.getTime() - overlapMs)
  const { reconcileEveryMs } = deps.mirror
  const isDue =
    mark.reconcileWanted ||
    mark.walkStartedAt !== null ||
    mark.reconciledAt === null ||
    Date.now() - mark.reconciledAt.getTime() >= reconcileEveryMs
  return {
    ...{ modstamp: null, lastId: null, asOf: startedAt },
    // Never back: what lies before was read in a walk that came to its end.
    scanFrom: mark.scanFrom !== null && mark.scanFrom > next ? mark.scanFrom : next,
    phase: isDue ? 'walk' : 'done',
  }
}
