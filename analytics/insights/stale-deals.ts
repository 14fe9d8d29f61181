import type { OpportunityHistoryRow, OpportunityRow } from '../../contracts/analytics.ts'
import { dayNumber, daysBetween, dayText } from '../calendar.ts'
import { historyByDeal, stageStays } from '../definitions/deal-paths.ts'
import { openDeals } from '../definitions/pipeline.ts'
import { lastTouched } from '../definitions/stale-pipeline.ts'
import { medianOf } from '../statistics/quantiles.ts'
import type { Insight } from './insight.ts'

/** A deal is stale after this many times the median stay in its stage. */
const TIMES_MEDIAN = 2
/** Completed stays that a median needs; with fewer, the given number of days counts. */
const LEAST_STAYS = 5

/**
 * Open deals that nothing has happened to for longer than their own stage allows: twice the median of its completed
 * stays, and never less than `leastDays`. The longest silence first.
 */
export function staleDeals(
  deals: readonly OpportunityRow[],
  history: readonly OpportunityHistoryRow[],
  day: string,
  leastDays: number,
): Insight[] {
  const rows = historyByDeal(history)
  const medians = stageMedians(rows)
  const found: { readonly silent: number; readonly insight: Insight }[] = []
  for (const deal of openDeals(deals, { from: null, to: null })) {
    const touched = lastTouched(deal, rows.get(deal.id) ?? [])
    const silent = dayNumber(day) - touched
    const median = medians.get(deal.stageName) ?? null
    const allowed = Math.max(leastDays, median === null ? 0 : TIMES_MEDIAN * median)
    if (!Number.isFinite(silent) || silent <= allowed) continue
    found.push({
      silent,
      insight: {
        rule: 'stale_deal',
        subject: { kind: 'opportunity', id: deal.id },
        evidence: {
          stage: deal.stageName,
          last_change: dayText(touched),
          days_without_change: silent,
          days_allowed: allowed,
          stage_median_days: median,
        },
        recommendedAction: 'Ask the owner for the next step, or close the deal.',
        confidence: null,
      },
    })
  }
  return found.sort((a, b) => b.silent - a.silent).map(({ insight }) => insight)
}

function stageMedians(
  histories: ReadonlyMap<string, readonly OpportunityHistoryRow[]>,
): Map<string, number> {
  const stays = new Map<string, number[]>()
  for (const rows of histories.values()) {
    for (const { stageName, enteredAt, leftAt } of stageStays(rows)) {
      if (leftAt === null) continue
      const days = daysBetween(enteredAt, leftAt)
      if (Number.isNaN(days)) continue
      const list = stays.get(stageName) ?? []
      stays.set(stageName, list)
      list.push(days)
    }
  }
  return new Map(
    [...stays]
      .filter(([, list]) => list.length >= LEAST_STAYS)
      .map(([name, list]) => [name, medianOf(list)]),
  )
}
