import type { DayRange, Figure, LeadRow } from '../../contracts/analytics.ts'
import { dayNumber, isWithin, periodBy } from '../calendar.ts'
import { countFigure, shareFigure } from '../figure.ts'
import { type Durations, durationFigures } from './cycle-length.ts'

/** How long a lead is given to convert before it counts. */
export interface LeadMaturity {
  readonly days: number
  /** The last day that is known. */
  readonly asOf: string
}

/** What became of the leads created in a period. */
export interface LeadConversion {
  /** Converted within the given days ÷ leads old enough to have had them. */
  readonly rate: Figure
  /** Leads of the period that have not had their days yet. */
  readonly tooYoung: number
  /** Leads converted in the period, whenever they were created. */
  readonly convertedInPeriod: Figure
}

/** Whether a lead has had its days. */
export function isMature(lead: LeadRow, maturity: LeadMaturity): boolean {
  return dayNumber(lead.createdDate) + maturity.days <= dayNumber(maturity.asOf)
}

/** Whether a lead was converted within its days. A conversion without a date counts: it was converted. */
export function convertedInTime(lead: LeadRow, maturity: LeadMaturity): boolean {
  if (!lead.isConverted) return false
  if (lead.convertedDate === null) return true
  return dayNumber(lead.convertedDate) - dayNumber(lead.createdDate) <= maturity.days
}

/**
 * Conversion of the leads created in the range. All are given the same number of days, and those that have not had
 * them are left out; else the newest leads, which nobody could have converted yet, would lower every recent rate.
 */
export function leadConversion(
  leads: readonly LeadRow[],
  range: DayRange,
  maturity: LeadMaturity,
): LeadConversion {
  const cohort = leads.filter((lead) => isWithin(lead.createdDate, range))
  const mature = cohort.filter((lead) => isMature(lead, maturity))
  const converted = mature.filter((lead) => convertedInTime(lead, maturity)).length
  const inPeriod = leads.filter(
    (lead) => lead.isConverted && isWithin(lead.convertedDate, range),
  ).length
  return {
    rate: shareFigure(
      converted,
      mature.length,
      periodBy('created', range),
      cohort.length > 0 ? 'cohort_too_young' : 'no_data',
    ),
    tooYoung: cohort.length - mature.length,
    convertedInPeriod: countFigure(inPeriod, periodBy('closed', range)),
  }
}

/**
 * Days from creation to conversion of the leads converted in the range. `ConvertedDate` is a day without a time, so
 * a lead converted on the day that it was created took none.
 */
export function leadTime(leads: readonly LeadRow[], range: DayRange): Durations {
  const days = leads
    .filter((lead) => lead.isConverted && isWithin(lead.convertedDate, range))
    .map((lead) => dayNumber(lead.convertedDate ?? '') - dayNumber(lead.createdDate))
  return durationFigures(days, periodBy('closed', range), 'no_data')
}

/** How leads of one source (or rating) convert, against all. */
export interface LeadQuality {
  readonly value: string | null
  readonly rate: Figure
  /** Whether the interval leaves out the rate of all leads; else the difference may be chance. */
  readonly differsFromAll: boolean
}

/** Share converted by source or rating, of the leads of the range that are old enough; the most leads first. */
export function leadQuality(
  leads: readonly LeadRow[],
  range: DayRange,
  maturity: LeadMaturity,
  by: 'leadSource' | 'rating',
): LeadQuality[] {
  const mature = leads.filter(
    (lead) => isWithin(lead.createdDate, range) && isMature(lead, maturity),
  )
  const converted = (rows: readonly LeadRow[]) =>
    rows.filter((lead) => convertedInTime(lead, maturity)).length
  const overall = converted(mature) / mature.length
  const groups = Map.groupBy(mature, (lead) => lead[by])
  return [...groups]
    .map(([value, rows]) => {
      const rate = shareFigure(converted(rows), rows.length, periodBy('created', range), 'no_data')
      const { interval } = rate
      const differsFromAll =
        interval !== null && (interval.low > overall || interval.high < overall)
      return { value, rate, differsFromAll }
    })
    .sort((a, b) => b.rate.n - a.rate.n || ((a.value ?? '') < (b.value ?? '') ? -1 : 1))
}
