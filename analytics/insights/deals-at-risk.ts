import type { OpportunityHistoryRow, OpportunityRow } from '../../contracts/analytics.ts'
import { dayNumber } from '../calendar.ts'
import { historyByDeal } from '../definitions/deal-paths.ts'
import { openDeals } from '../definitions/pipeline.ts'
import { pushCount } from '../definitions/slippage.ts'
import type { Insight } from './insight.ts'

/** Pushes from which a close date is not to be believed. */
const PUSHES = 2

/** Open deals whose close date is past, was pushed at least twice, or whose amount went down from its highest. */
export function dealsAtRisk(
  deals: readonly OpportunityRow[],
  history: readonly OpportunityHistoryRow[],
  day: string,
): Insight[] {
  const rows = historyByDeal(history)
  return openDeals(deals, { from: null, to: null }).flatMap((deal) => {
    const own = rows.get(deal.id) ?? []
    return [closeDatePast(deal, day), pushed(deal, own), decreased(deal, own)].filter(
      (insight) => insight !== null,
    )
  })
}

function closeDatePast(deal: OpportunityRow, day: string): Insight | null {
  const overdue = dayNumber(day) - dayNumber(deal.closeDate)
  if (!(overdue > 0)) return null
  return {
    rule: 'close_date_past',
    subject: { kind: 'opportunity', id: deal.id },
    evidence: { close_date: deal.closeDate, days_overdue: overdue },
    recommendedAction: 'Set a close date that the buyer has confirmed, or close the deal.',
    confidence: null,
  }
}

function pushed(deal: OpportunityRow, own: readonly OpportunityHistoryRow[]): Insight | null {
  const pushes = pushCount(own)
  if (pushes < PUSHES) return null
  return {
    rule: 'pushed_repeatedly',
    subject: { kind: 'opportunity', id: deal.id },
    evidence: {
      push_count: pushes,
      first_close_date: own.find((row) => row.closeDate !== null)?.closeDate ?? null,
      close_date: deal.closeDate,
    },
    recommendedAction: 'Leave the deal out of the commitment until the buyer names a date.',
    confidence: null,
  }
}

function decreased(deal: OpportunityRow, own: readonly OpportunityHistoryRow[]): Insight | null {
  const amounts = own.map((row) => row.amount).filter((amount) => amount !== null)
  if (deal.amount === null || amounts.length === 0) return null
  const highest = amounts.reduce((a, b) => Math.max(a, b))
  if (!(deal.amount < highest)) return null
  return {
    rule: 'amount_decreased',
    subject: { kind: 'opportunity', id: deal.id },
    evidence: { highest_amount: highest, amount: deal.amount, currency: deal.currencyIsoCode },
    recommendedAction: 'Find out what the buyer took out, and whether the rest is still needed.',
    confidence: null,
  }
}
