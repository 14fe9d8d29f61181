import type { Random } from '../seeded-random.ts'
import { between, chance, skewed } from './chance.ts'
import {
  DAY,
  dayOf,
  monthEnd,
  towardsQuarterEnd,
  type WorkingCalendar,
} from './working-calendar.ts'

/** The state of a deal from a moment on. */
export interface DealStep {
  readonly at: number
  readonly stage: string
  readonly amount: number | null
  readonly closeDate: string
  readonly by: 'seller' | 'manager'
}

/** What decides how a deal goes. */
export interface DealPlan {
  readonly created: number
  /** What it is worth at first sight; `null` where nobody has asked yet. */
  readonly amount: number
  readonly amountKnown: boolean
  readonly winRate: number
  /** Days from the first call to the signature, about. */
  readonly cycleDays: number
  /** What it is worth once it is quoted. */
  readonly quoted: number
}

const PATH = [
  { stage: 'Prospecting', likely: 0.85 },
  { stage: 'Qualification', likely: 1 },
  { stage: 'Needs Analysis', likely: 0.9 },
  { stage: 'Value Proposition', likely: 0.6 },
  { stage: 'Id. Decision Makers', likely: 0.35 },
  { stage: 'Perception Analysis', likely: 0.25 },
  { stage: 'Proposal/Price Quote', likely: 0.97 },
  { stage: 'Negotiation/Review', likely: 0.85 },
] as const
export const QUOTED_STAGE = 'Proposal/Price Quote'
/** Deals that nobody looks at any more. */
const FORGOTTEN = 0.07

/** The steps of a deal up to the end of the story, the first one its creation. */
export function dealStory(random: Random, calendar: WorkingCalendar, plan: DealPlan): DealStep[] {
  const path = PATH.filter(({ likely }) => chance(random, likely)).map(({ stage }) => stage)
  const wins = chance(random, plan.winRate)
  // Most of what is lost is lost early, some at the very end.
  const lostAfter = wins ? path.length : 1 + Math.floor(path.length * random() ** 1.2)
  const forgottenAfter = chance(random, FORGOTTEN) ? between(random, 1, path.length) : null
  const pace = plan.cycleDays / path.length
  const steps: DealStep[] = []
  let state: DealStep = {
    at: plan.created,
    stage: path[0] ?? 'Qualification',
    amount: plan.amountKnown ? plan.amount : null,
    // Sellers hope: the first date is early.
    closeDate: monthEnd(plan.created + plan.cycleDays * 0.5 * DAY),
    by: 'seller',
  }

  /** Takes a step unless the story has ended by then. */
  function step(at: number, change: Partial<Omit<DealStep, 'at'>>): boolean {
    if (at >= calendar.end) return false
    state = { ...state, by: 'seller', ...change, at: Math.max(at, state.at + 60_000) }
    steps.push(state)
    return true
  }

  /** Dates that pass are put off, or left to pass. */
  function pushUntil(until: number): void {
    while (Date.parse(state.closeDate) + DAY < until) {
      const due = Math.max(Date.parse(state.closeDate), state.at)
      const at = calendar.atWork(random, due + between(random, 0, 6) * DAY)
      if (at >= until || !chance(random, 0.85)) return
      const by = chance(random, 0.2) ? 'manager' : 'seller'
      if (!step(at, { closeDate: monthEnd(at, between(random, 1, 2)), by })) return
    }
  }

  steps.push(state)
  for (let index = 1; index <= path.length; index += 1) {
    if (index === forgottenAfter) return steps
    const moved = calendar.atWork(random, state.at + skewed(random, pace, 0.55) * DAY)
    pushUntil(Math.min(moved, calendar.end))
    const at = Math.max(moved, state.at)
    if (index === lostAfter && !wins) {
      step(at, { stage: 'Closed Lost', closeDate: dayOf(at) })
      return steps
    }
    const stage = path[index]
    if (stage === undefined) {
      const signed = towardsQuarterEnd(random, at)
      step(signed, { stage: 'Closed Won', closeDate: dayOf(Math.max(signed, state.at)) })
      return steps
    }
    const amount = stage === QUOTED_STAGE ? plan.quoted : (state.amount ?? plan.amount)
    const known = index > 1 || state.amount !== null ? amount : null
    if (!step(at, { stage, amount: known })) return steps
  }
  return steps
}
