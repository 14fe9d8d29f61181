import { dayNumber, dayText, weekStart } from '../calendar.ts'
import { medianAbsoluteDeviation, medianOf } from '../statistics/quantiles.ts'
import type { Insight } from './insight.ts'

/** Weeks before the one in question that are needed, and that are looked at. */
const LEAST_WEEKS = 8
const MOST_WEEKS = 52
/** Robust z from which a week is unusual (Iglewicz and Hoaglin). */
const UNUSUAL = 3.5
/** MAD of a normal distribution ÷ its standard deviation. */
const NORMAL_MAD = 0.674489750196082

/** What was found about a week, or why nothing can be said. */
export interface UnusualWeek {
  readonly insight: Insight | null
  readonly reason: 'no_data' | 'insufficient_data' | 'no_variation' | null
}

/**
 * Whether the last whole week before a day had unusually many or few of something, against the median of the up to 52
 * weeks before it. Median and MAD, because a mean is moved by the very weeks that are looked for. Weeks begin on
 * Monday; those before the first date are not taken for empty ones.
 */
export function unusualWeek(dates: readonly string[], what: string, day: string): UnusualWeek {
  const last = weekStart(dayNumber(day)) - 7
  const weeks = dates.map((date) => weekStart(dayNumber(date))).filter((week) => week <= last)
  if (weeks.length === 0) return { insight: null, reason: 'no_data' }
  const first = weeks.reduce((a, b) => Math.min(a, b))
  const counts = new Map<number, number>()
  for (const week of weeks) counts.set(week, (counts.get(week) ?? 0) + 1)
  const before: number[] = []
  for (let week = Math.max(first, last - 7 * MOST_WEEKS); week < last; week += 7) {
    before.push(counts.get(week) ?? 0)
  }
  if (before.length < LEAST_WEEKS) return { insight: null, reason: 'insufficient_data' }
  const median = medianOf(before)
  const mad = medianAbsoluteDeviation(before)
  if (mad === 0) return { insight: null, reason: 'no_variation' }
  const count = counts.get(last) ?? 0
  const z = (NORMAL_MAD * (count - median)) / mad
  if (Math.abs(z) < UNUSUAL) return { insight: null, reason: null }
  const distance = Math.abs(count - median)
  // The week itself is one of them, so that few weeks before it cannot make anyone sure.
  const asExtreme = 1 + before.filter((week) => Math.abs(week - median) >= distance).length
  return {
    insight: {
      rule: 'unusual_week',
      subject: { kind: 'week', id: dayText(last) },
      evidence: {
        what,
        count,
        median,
        median_absolute_deviation: mad,
        robust_z: z,
        weeks_before: before.length,
      },
      recommendedAction:
        z > 0
          ? 'Find out what caused the peak: an import, a campaign, or a duplicate load.'
          : 'Find out what held it back: holidays, a stopped feed, or a missing team.',
      confidence: 1 - asExtreme / (before.length + 1),
    },
    reason: null,
  }
}
