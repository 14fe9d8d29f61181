import type { OpportunityHistoryRow, OpportunityRow, StageRow } from '../../contracts/analytics.ts'

/** One stay of a deal in a stage. */
export interface StageStay {
  readonly stageName: string
  readonly enteredAt: string
  /** Null while the deal is in the stage. */
  readonly leftAt: string | null
}

/** History rows of each deal, oldest first. Rows of the same moment keep the order of their ids. */
export function historyByDeal(
  history: readonly OpportunityHistoryRow[],
): Map<string, OpportunityHistoryRow[]> {
  const byDeal = new Map<string, OpportunityHistoryRow[]>()
  for (const row of history) {
    const rows = byDeal.get(row.opportunityId)
    if (rows === undefined) byDeal.set(row.opportunityId, [row])
    else rows.push(row)
  }
  for (const rows of byDeal.values()) rows.sort(byTime)
  return byDeal
}

function byTime(a: OpportunityHistoryRow, b: OpportunityHistoryRow): number {
  const difference = Date.parse(a.createdDate) - Date.parse(b.createdDate)
  if (difference !== 0 && !Number.isNaN(difference)) return difference
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/** History without that of deleted deals, whose rows Salesforce may still give. */
export function livingHistory(
  history: readonly OpportunityHistoryRow[],
  deals: readonly OpportunityRow[],
): OpportunityHistoryRow[] {
  const deleted = new Set(deals.filter((deal) => deal.isDeleted).map((deal) => deal.id))
  return history.filter((row) => !deleted.has(row.opportunityId))
}

/** The stays of one deal, in order. Changes of amount or close date within a stage do not end a stay. */
export function stageStays(rows: readonly OpportunityHistoryRow[]): StageStay[] {
  const stays: StageStay[] = []
  for (const row of rows) {
    const last = stays.at(-1)
    if (last?.stageName === row.stageName) continue
    if (last !== undefined) stays[stays.length - 1] = { ...last, leftAt: row.createdDate }
    stays.push({ stageName: row.stageName, enteredAt: row.createdDate, leftAt: null })
  }
  return stays
}

/** The last row of a deal before a moment (milliseconds); undefined if it did not exist. */
export function rowBefore(
  rows: readonly OpportunityHistoryRow[],
  moment: number,
): OpportunityHistoryRow | undefined {
  return rows.findLast((row) => Date.parse(row.createdDate) < moment)
}

/** Stages by name. A stage that the org no longer has is in no order, and is nothing's next. */
export function stagesByName(stages: readonly StageRow[]): Map<string, StageRow> {
  return new Map(stages.map((stage) => [stage.name, stage]))
}

/** Whether going from one stage to the other is a step towards winning. */
export function isForward(from: StageRow, to: StageRow | undefined): boolean {
  if (to === undefined) return false
  if (to.isClosed) return to.isWon
  return to.sortOrder > from.sortOrder
}
