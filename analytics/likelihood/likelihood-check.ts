import type { Figure, OpportunityHistoryRow, OpportunityRow } from '../../contracts/analytics.ts'
import { asOf } from '../calendar.ts'
import { historyByDeal } from '../definitions/deal-paths.ts'
import { known, unknown } from '../figure.ts'
import { coursesOf, groupFor, LEAST_DEALS, learn } from './won-shares.ts'

/** How well the shares of older deals foretold the newer ones. */
export interface LikelihoodCheck {
  /** Mean squared error of the shares: 0 is perfect. */
  readonly brier: Figure
  /** The same of always saying the share of all older deals. */
  readonly baseRateBrier: Figure
  /** Whether stage and age told more than the base rate did; null where it could not be checked. */
  readonly tellsMore: boolean | null
}

/** Share of the closed deals, the oldest, that the check learns from. */
const LEARNED_SHARE = 0.7

/**
 * Learns from the older 70 % of the closed deals and is asked about the newer ones, at every place on their way. A
 * split by time, because a random one would let deals of one quarter foretell each other.
 */
export function checkLikelihood(
  deals: readonly OpportunityRow[],
  history: readonly OpportunityHistoryRow[],
  day: string,
): LikelihoodCheck {
  const all = coursesOf(deals, historyByDeal(history))
  const split = Math.floor(all.length * LEARNED_SHARE)
  const shares = learn(all.slice(0, split))
  const asked = all.slice(split).filter((course) => course.places.length > 0)
  const subject = { basis: 'score', period: asOf(day), n: asked.length } as const
  if (shares.all.n < LEAST_DEALS || asked.length < LEAST_DEALS) {
    const without = history.length === 0 ? 'no_history' : 'insufficient_data'
    const none = unknown(subject, all.length === 0 ? 'no_closed_deals' : without)
    return { brier: none, baseRateBrier: none, tellsMore: null }
  }
  const base = shares.all.won / shares.all.n
  let error = 0
  let baseError = 0
  for (const { won, places } of asked) {
    const outcome = won ? 1 : 0
    baseError += (base - outcome) ** 2
    for (const { stageName, bucket } of places) {
      const { tally } = groupFor(shares, stageName, bucket) ?? { tally: shares.all }
      // A deal of many stages is one deal: its places share its weight.
      error += (tally.won / tally.n - outcome) ** 2 / places.length
    }
  }
  return {
    brier: known(subject, error / asked.length),
    baseRateBrier: known(subject, baseError / asked.length),
    // Rounding must not make a difference of none.
    tellsMore: error < baseError * (1 - 1e-9),
  }
}
