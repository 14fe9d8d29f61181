import type { Figure, OpportunityHistoryRow, OpportunityRow } from '../../contracts/analytics.ts'
import { asOf, DAY_MS, endOf } from '../calendar.ts'
import { historyByDeal } from '../definitions/deal-paths.ts'
import { inStageSince } from '../definitions/stage-ageing.ts'
import { livingDeals } from '../definitions/win-rate.ts'
import { shareFigure, unknown } from '../figure.ts'
import { coursesOf, groupFor, type LikelihoodGroup, learn } from './won-shares.ts'

/** Share won of the closed deals that were once where this one is. */
export interface DealLikelihood {
  readonly opportunityId: string
  readonly likelihood: Figure
  readonly group: LikelihoodGroup | null
}

/** The likelihood of each open deal on a day, with its Wilson interval. */
export function dealLikelihoods(
  deals: readonly OpportunityRow[],
  history: readonly OpportunityHistoryRow[],
  day: string,
): DealLikelihood[] {
  const rows = historyByDeal(history)
  const shares = learn(coursesOf(deals, rows))
  const none = shares.all.n === 0 ? 'no_closed_deals' : 'insufficient_data'
  const missing = unknown({ basis: 'count', period: asOf(day), n: shares.all.n }, none)
  return livingDeals(deals)
    .filter((deal) => !deal.isClosed)
    .map((deal) => {
      const since = inStageSince(deal, rows.get(deal.id) ?? [])
      const days = since === null ? null : (endOf(day) - Date.parse(since)) / DAY_MS
      const found = groupFor(shares, deal.stageName, days)
      if (found === null) return { opportunityId: deal.id, likelihood: missing, group: null }
      const { won, n } = found.tally
      const likelihood = shareFigure(won, n, asOf(day), none)
      return { opportunityId: deal.id, likelihood, group: found.group }
    })
}
