import type {
  DayRange,
  Figure,
  OpportunityHistoryRow,
  StageRow,
} from '../../contracts/analytics.ts'
import { dayNumber, endOf, isWithin, monthOf, periodBy } from '../calendar.ts'
import { shareFigure, unknown } from '../figure.ts'
import { historyByDeal, rowBefore, stagesByName } from './deal-paths.ts'

/**
 * Times that a deal's close date was moved to a later month. Moves within a month are corrections, and a move back
 * does not undo a push.
 */
export function pushCount(history: readonly OpportunityHistoryRow[]): number {
  let pushes = 0
  let due: string | null = null
  for (const row of history) {
    if (row.closeDate === null || Number.isNaN(dayNumber(row.closeDate))) continue
    const month = monthOf(row.closeDate)
    if (due !== null && month > due) pushes += 1
    due = month
  }
  return pushes
}

/** Push counts by deal; deals that were never pushed are in it with zero. */
export function pushCounts(history: readonly OpportunityHistoryRow[]): Map<string, number> {
  return new Map([...historyByDeal(history)].map(([id, rows]) => [id, pushCount(rows)]))
}

/**
 * Of the deals that were open and due in the range when it began, the share that at its end was still open and due
 * after it. Deals created within the range are in no plan yet and do not count.
 */
export function slippage(
  history: readonly OpportunityHistoryRow[],
  stages: readonly StageRow[],
  range: DayRange,
): Figure {
  const period = periodBy('changed', range)
  const { from, to } = range
  if (history.length === 0 || from === null || to === null) {
    const reason = history.length === 0 ? 'no_history' : 'insufficient_data'
    return unknown({ basis: 'count', period, n: 0 }, reason)
  }
  const names = stagesByName(stages)
  const isOpen = (row: OpportunityHistoryRow) => names.get(row.stageName)?.isClosed !== true
  let due = 0
  let slipped = 0
  for (const rows of historyByDeal(history).values()) {
    const before = rowBefore(rows, Date.parse(from))
    if (before === undefined || !isOpen(before) || !isWithin(before.closeDate, range)) continue
    due += 1
    const after = rowBefore(rows, endOf(to)) ?? before
    if (isOpen(after) && after.closeDate !== null && dayNumber(after.closeDate) > dayNumber(to)) {
      slipped += 1
    }
  }
  return shareFigure(slipped, due, period, 'no_data')
}
