import type { Random } from '../seeded-random.ts'
import { between, chance } from './chance.ts'

export const DAY = 86_400_000
const HOUR = 3_600_000
const MINUTE = 60_000
/** Days that a seed covers. */
export const HISTORY_DAYS = 730

/** Business of a month against that of an average one: slow summers, busy ends of quarters. */
const SEASON = [0.8, 0.95, 1.2, 0.9, 1.0, 1.2, 0.7, 0.65, 1.25, 1.1, 1.15, 1.1] as const

/** The two years before a day, in which business is done. */
export interface WorkingCalendar {
  /** The first moment, and the moment at which the story ends. */
  readonly start: number
  readonly end: number
  /** A moment of work, more likely in busy months and towards the end: the company grows. */
  moment(random: Random): number
  /** Working hours on the day of a moment, or on the next day that is none of a weekend. */
  atWork(random: Random, at: number): number
}

export function createWorkingCalendar(day: string): WorkingCalendar {
  const end = Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(end)) throw new Error(`not a day: ${day}`)
  const start = end - HISTORY_DAYS * DAY
  const upTo: number[] = []
  let sum = 0
  for (let index = 0; index < HISTORY_DAYS; index += 1) {
    const date = new Date(start + index * DAY)
    const growth = 0.7 + (0.6 * index) / HISTORY_DAYS
    const free = date.getUTCDay() === 0 || date.getUTCDay() === 6
    sum += free ? 0 : growth * (SEASON[date.getUTCMonth()] ?? 1)
    upTo.push(sum)
  }

  function atWork(random: Random, at: number): number {
    let morning = Math.floor(at / DAY) * DAY
    while ([0, 6].includes(new Date(morning).getUTCDay())) morning += DAY
    return morning + between(random, 8, 16) * HOUR + between(random, 0, 3_599) * 1_000
  }

  return {
    start,
    end,
    moment(random) {
      const wanted = random() * sum
      let low = 0
      let high = upTo.length - 1
      while (low < high) {
        const middle = Math.floor((low + high) / 2)
        if ((upTo[middle] ?? 0) < wanted) low = middle + 1
        else high = middle
      }
      return atWork(random, start + low * DAY)
    },
    atWork,
  }
}

/** `YYYY-MM-DD` of a moment. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** A moment as a datetime field stores it. */
export function momentText(at: number): string {
  return new Date(at).toISOString()
}

/** The last day of the month of a moment, some months on. */
export function monthEnd(at: number, months = 0): string {
  const date = new Date(at)
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0))
}

/** A moment in the last week of the quarter where one is near: deals are signed then. */
export function towardsQuarterEnd(random: Random, at: number): number {
  const date = new Date(at)
  const last = Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / 3) * 3 + 3, 0)
  const days = (last - at) / DAY
  if (days < 0 || days > 30 || !chance(random, 0.45)) return at
  return last - between(random, 0, 5) * DAY + (at % DAY) - (at % MINUTE)
}
