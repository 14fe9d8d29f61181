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
  return {
    ...{ modstamp: null, lastId: null, asOf: startedAt },
    // Never back: what lies before was read in a walk that came to its end.
    scanFrom: mark.scanFrom !== null && mark.scanFrom > next ? mark.scanFrom : next,
    ...walkAfterPages(mark, deps.mirror.reconcileEveryMs),
  }
}

/** Whether all rows are to be read as well: it is due, wanted, or begun by a run before. */
function walkAfterPages(mark: MirrorWatermark, everyMs: number): MirrorStep {
  const { reconcileWantedAt: wanted, walkStartedAt: begun, reconciledAt: last } = mark
  // One that began before the wish has passed by what the wish is about.
  if (begun !== null && wanted !== null && wanted > begun) {
    return { phase: 'walk', walkAfter: null, walkStartedAt: null }
  }
  const isDue =
    begun !== null ||
    last === null ||
    Date.now() - last.getTime() >= everyMs ||
    (wanted !== null && wanted > last)
  return { phase: isDue ? 'walk' : 'done' }
}
