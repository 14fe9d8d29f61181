import type { Figure, OpportunityHistoryRow, OpportunityRow } from '../contracts/analytics.ts'
import { asOf } from './calendar.ts'
import { historyByDeal, stageStays } from './definitions/deal-paths.ts'
import { endOf, inStageSince } from './definitions/stage-ageing.ts'
import { livingDeals } from './definitions/win-rate.ts'
import { known, shareFigure, unknown } from './figure.ts'

/** Days in a stage from which a deal counts to the next group. */
export const AGE_BUCKETS = [0, 15, 31, 61, 91, 181] as const
/** Closed deals that a group needs before its share is used; with fewer, its interval is wider than 0.4. */
export const LEAST_DEALS = 20

const DAY_MS = 86_400_000

/** Deals won and closed. */
interface Tally {
  won: number
  n: number
}

/** Shares won of closed deals, by stage and by days in it. */
export interface WonShares {
  readonly groups: ReadonlyMap<string, Tally>
  readonly all: Tally
}

/** From which deals a likelihood was taken. */
export type LikelihoodGroup = 'stage_and_age' | 'stage' | 'all'

/** Share won of the closed deals that were once where this one is. */
export interface DealLikelihood {
  readonly opportunityId: string
  readonly likelihood: Figure
  readonly group: LikelihoodGroup | null
}

/** A closed deal, and where it was on its way. */
interface Course {
  readonly won: boolean
  readonly closedAt: number
  readonly places: readonly string[]
}

/**
 * Every closed deal counts once for each stage that it was in and each age that it reached there: the deals that an
 * open deal of 40 days is compared with are those that were still in its stage after 31.
 */
function courses(
  deals: readonly OpportunityRow[],
  history: ReadonlyMap<string, readonly OpportunityHistoryRow[]>,
): Course[] {
  const found: Course[] = []
  for (const deal of livingDeals(deals)) {
    if (!deal.isClosed) continue
    const closedAt = Date.parse(deal.closeDate)
    if (Number.isNaN(closedAt)) continue
    const places = new Set<string>()
    for (const stay of stageStays(history.get(deal.id) ?? [])) {
      // The last stage is the closed one, in which nothing is to be decided.
      if (stay.leftAt === null) continue
      const days = (Date.parse(stay.leftAt) - Date.parse(stay.enteredAt)) / DAY_MS
      for (const bucket of AGE_BUCKETS)
        if (days >= bucket) places.add(place(stay.stageName, bucket))
    }
    found.push({ won: deal.isWon, closedAt, places: [...places] })
  }
  return found.sort((a, b) => a.closedAt - b.closedAt)
}

function place(stageName: string, bucket: number): string {
  return `${bucket} ${stageName}`
}

function learn(from: readonly Course[]): WonShares {
  const groups = new Map<string, Tally>()
  const all: Tally = { won: 0, n: 0 }
  const count = (tally: Tally, won: boolean) => {
    tally.n += 1
    if (won) tally.won += 1
  }
  for (const course of from) {
    count(all, course.won)
    for (const name of course.places) {
      const tally = groups.get(name) ?? { won: 0, n: 0 }
      groups.set(name, tally)
      count(tally, course.won)
    }
  }
  return { groups, all }
}

/** Shares won by stage and age, of all closed deals. */
export function wonShares(
  deals: readonly OpportunityRow[],
  history: readonly OpportunityHistoryRow[],
): WonShares {
  return learn(courses(deals, historyByDeal(history)))
}

/** Groups are pooled up where they are small: stage and age, then the stage, then all deals; below that, nothing. */
function groupFor(
  shares: WonShares,
  stageName: string,
  days: number | null,
): { readonly group: LikelihoodGroup; readonly tally: Tally } | null {
  const bucket = AGE_BUCKETS.findLast((from) => days !== null && days >= from)
  const candidates: [LikelihoodGroup, Tally | undefined][] = [
    [
      'stage_and_age',
      bucket === undefined ? undefined : shares.groups.get(place(stageName, bucket)),
    ],
    ['stage', shares.groups.get(place(stageName, 0))],
    ['all', shares.all],
  ]
  for (const [group, tally] of candidates) {
    if (tally !== undefined && tally.n >= LEAST_DEALS) return { group, tally }
  }
  return null
}

/** The likelihood of each open deal on a day, with its Wilson interval. */
export function dealLikelihoods(
  deals: readonly OpportunityRow[],
  history: readonly OpportunityHistoryRow[],
  day: string,
): DealLikelihood[] {
  const rows = historyByDeal(history)
  const shares = learn(courses(deals, rows))
  return livingDeals(deals)
    .filter((deal) => !deal.isClosed)
    .map((deal) => {
      const since = inStageSince(deal, rows.get(deal.id) ?? [])
      const days = since === null ? null : (endOf(day) - Date.parse(since)) / DAY_MS
      const found = groupFor(shares, deal.stageName, days)
      const subject = { basis: 'count', period: asOf(day), n: shares.all.n } as const
      if (found === null) {
        const likelihood = unknown(
          subject,
          shares.all.n === 0 ? 'no_closed_deals' : 'insufficient_data',
        )
        return { opportunityId: deal.id, likelihood, group: null }
      }
      const { won, n } = found.tally
      const likelihood = shareFigure(won, n, asOf(day), 'no_closed_deals')
      return { opportunityId: deal.id, likelihood, group: found.group }
    })
}

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
  const all = courses(deals, historyByDeal(history))
  const split = Math.floor(all.length * LEARNED_SHARE)
  const shares = learn(all.slice(0, split))
  const asked = all.slice(split).filter((course) => course.places.length > 0)
  const subject = { basis: 'score', period: asOf(day), n: asked.length } as const
  if (shares.all.n < LEAST_DEALS || asked.length < LEAST_DEALS) {
    const none = unknown(
      subject,
      all.length === 0
        ? 'no_closed_deals'
        : history.length === 0
          ? 'no_history'
          : 'insufficient_data',
    )
    return { brier: none, baseRateBrier: none, tellsMore: null }
  }
  const base = shares.all.won / shares.all.n
  let error = 0
  let baseError = 0
  for (const course of asked) {
    const outcome = course.won ? 1 : 0
    // A deal of many stages is one deal: its places share its weight.
    const weight = 1 / course.places.length
    for (const name of course.places) {
      const [bucket = '0'] = name.split(' ', 1)
      const stageName = name.slice(bucket.length + 1)
      const { tally } = groupFor(shares, stageName, Number(bucket)) ?? { tally: shares.all }
      error += weight * (tally.won / tally.n - outcome) ** 2
      baseError += weight * (base - outcome) ** 2
    }
  }
  const n = asked.length
  return {
    brier: known(subject, error / n),
    baseRateBrier: known(subject, baseError / n),
    tellsMore: error < baseError,
  }
}
