import type { OpportunityHistoryRow, OpportunityRow } from '../../contracts/analytics.ts'
import { daysBetween } from '../calendar.ts'
import { stageStays } from '../definitions/deal-paths.ts'
import { livingDeals } from '../definitions/win-rate.ts'

/** Days in a stage from which a deal counts to the next group. */
export const AGE_BUCKETS = [0, 15, 31, 61, 91, 181] as const
/** Closed deals that a group needs before its share is used; with fewer, its interval is wider than 0.4. */
export const LEAST_DEALS = 20

/** Deals won, of deals closed. */
export interface Tally {
  won: number
  n: number
}

/** A stage, and the days from which a deal was still in it. */
export interface Place {
  readonly stageName: string
  readonly bucket: number
}

/** A closed deal, and where it was on its way. */
export interface Course {
  readonly won: boolean
  readonly closedAt: number
  readonly places: readonly Place[]
}

/** Shares won of closed deals, by stage and by days in it. */
export interface WonShares {
  readonly groups: ReadonlyMap<string, Tally>
  readonly all: Tally
}

/** From which deals a likelihood was taken. */
export type LikelihoodGroup = 'stage_and_age' | 'stage' | 'all'

/**
 * Closed deals, the first closed first. Each counts once for every stage that it was in and every age that it reached
 * there: the deals that an open deal of 40 days is compared with are those that were still in its stage after 31.
 */
export function coursesOf(
  deals: readonly OpportunityRow[],
  history: ReadonlyMap<string, readonly OpportunityHistoryRow[]>,
): Course[] {
  const found: Course[] = []
  for (const deal of livingDeals(deals)) {
    const closedAt = Date.parse(deal.closeDate)
    if (!deal.isClosed || Number.isNaN(closedAt)) continue
    const places = new Map<string, Place>()
    for (const { stageName, enteredAt, leftAt } of stageStays(history.get(deal.id) ?? [])) {
      // The last stage is the closed one, in which nothing is to be decided.
      if (leftAt === null) continue
      for (const bucket of AGE_BUCKETS) {
        if (daysBetween(enteredAt, leftAt) < bucket) break
        places.set(keyOf(stageName, bucket), { stageName, bucket })
      }
    }
    found.push({ won: deal.isWon, closedAt, places: [...places.values()] })
  }
  return found.sort((a, b) => a.closedAt - b.closedAt)
}

/** Key of a group in the shares. */
export function keyOf(stageName: string, bucket: number): string {
  return `${bucket} ${stageName}`
}

/** The shares of these deals. */
export function learn(courses: readonly Course[]): WonShares {
  const groups = new Map<string, Tally>()
  const all: Tally = { won: 0, n: 0 }
  const count = (tally: Tally, won: boolean) => {
    tally.n += 1
    if (won) tally.won += 1
  }
  for (const course of courses) {
    count(all, course.won)
    for (const { stageName, bucket } of course.places) {
      const key = keyOf(stageName, bucket)
      const tally = groups.get(key) ?? { won: 0, n: 0 }
      groups.set(key, tally)
      count(tally, course.won)
    }
  }
  return { groups, all }
}

/**
 * The group that a deal is compared with. Small ones are pooled up: stage and age, then the stage, then all deals;
 * below that there is none.
 */
export function groupFor(
  shares: WonShares,
  stageName: string,
  days: number | null,
): { readonly group: LikelihoodGroup; readonly tally: Tally } | null {
  const bucket = AGE_BUCKETS.findLast((from) => days !== null && days >= from)
  const ofAge = bucket === undefined ? undefined : shares.groups.get(keyOf(stageName, bucket))
  const candidates: [LikelihoodGroup, Tally | undefined][] = [
    ['stage_and_age', ofAge],
    ['stage', shares.groups.get(keyOf(stageName, 0))],
    ['all', shares.all],
  ]
  for (const [group, tally] of candidates) {
    if (tally !== undefined && tally.n >= LEAST_DEALS) return { group, tally }
  }
  return null
}
