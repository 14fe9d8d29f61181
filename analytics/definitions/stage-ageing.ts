import type { OpportunityHistoryRow, OpportunityRow, StageRow } from '../../contracts/analytics.ts'
import { asOf, DAY_MS, daysBetween, endOf } from '../calendar.ts'
import { type Durations, durationFigures } from './cycle-length.ts'
import { historyByDeal, stageStays } from './deal-paths.ts'
import { livingDeals } from './win-rate.ts'

/** How long deals stay in a stage. */
export interface StageAgeing {
  readonly stageName: string
  /** Days that completed stays took. */
  readonly completed: Durations
  /** Days that the deals now in the stage have been there. */
  readonly current: Durations
}

/** Completed and running stays of each open stage, up to the end of a day. */
export function stageAgeing(
  deals: readonly OpportunityRow[],
  history: readonly OpportunityHistoryRow[],
  stages: readonly StageRow[],
  day: string,
): StageAgeing[] {
  const paths = historyByDeal(history)
  const completed = new Map<string, number[]>()
  for (const rows of paths.values()) {
    for (const stay of stageStays(rows)) {
      if (stay.leftAt === null || Date.parse(stay.leftAt) > endOf(day)) continue
      add(completed, stay.stageName, daysBetween(stay.enteredAt, stay.leftAt))
    }
  }
  const current = new Map<string, number[]>()
  for (const deal of livingDeals(deals)) {
    if (deal.isClosed) continue
    const since = inStageSince(deal, paths.get(deal.id) ?? [])
    const days = since === null ? Number.NaN : (endOf(day) - Date.parse(since)) / DAY_MS
    add(current, deal.stageName, days)
  }
  const period = asOf(day)
  return stages
    .filter((stage) => !stage.isClosed)
    .sort((a, b) => a.sortOrder - b.sortOrder)
    .map(({ name }) => ({
      stageName: name,
      completed: durationFigures(
        completed.get(name) ?? [],
        period,
        history.length === 0 ? 'no_history' : 'no_data',
      ),
      current: durationFigures(current.get(name) ?? [], period, 'no_open_deals'),
    }))
}

/** When a deal entered the stage that it is in: by its history, else by what Salesforce keeps on the deal. */
export function inStageSince(
  deal: OpportunityRow,
  history: readonly OpportunityHistoryRow[],
): string | null {
  const stay = stageStays(history).at(-1)
  return stay?.stageName === deal.stageName ? stay.enteredAt : deal.lastStageChangeDate
}

function add(lists: Map<string, number[]>, key: string, value: number): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
