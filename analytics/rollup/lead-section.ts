import type { DayRange } from '../../contracts/analytics.ts'
import type { BucketSum, RowFigures } from '../../contracts/analytics-rollup.ts'
import { periodBy } from '../calendar.ts'
import { countFigure, shareFigure, unknown } from '../figure.ts'
import { byGroup, countOf, meanOf } from './money-of-sums.ts'

/** Leads created in the range, and those of them that are converted by now. */
export interface LeadSums {
  readonly byStatus: readonly BucketSum[]
  readonly bySource: readonly BucketSum[]
  readonly convertedByStatus: readonly BucketSum[]
  readonly convertedBySource: readonly BucketSum[]
}

/**
 * Leads created in the range. `conversion_funnel` has the statuses by how many leads they hold, and beside each the
 * count of the one before: which status follows which, Salesforce does not say of a lead.
 */
export function leadSection(sums: LeadSums, range: DayRange, quality: RowFigures['leadQuality']) {
  const period = periodBy('created', range)
  const total = countOf(sums.byStatus)
  const converted = countOf(sums.convertedByStatus)
  const convertedOf = byGroup(sums.convertedByStatus)
  const convertedFrom = byGroup(sums.convertedBySource)
  const largestFirst = <T extends { readonly count: { readonly value: number | null } }>(
    rows: T[],
  ) => rows.sort((a, b) => (b.count.value ?? 0) - (a.count.value ?? 0))
  const statuses = largestFirst(
    [...byGroup(sums.byStatus)].map(([status, own]) => ({
      Status: status,
      count: countFigure(countOf(own), period),
      avg_conversion_time: meanOf(convertedOf.get(status) ?? [], 'days', period),
    })),
  )
  const none = unknown({ basis: 'count', period, n: 0 }, 'no_source')
  return {
    total_leads: countFigure(total, period),
    total_converted: countFigure(converted, period),
    conversion_rate: shareFigure(converted, total, period, 'no_data'),
    by_status: statuses,
    by_source: largestFirst(
      [...byGroup(sums.bySource)].map(([source, own]) => ({
        LeadSource: source,
        count: countFigure(countOf(own), period),
        converted_count: countFigure(countOf(convertedFrom.get(source) ?? []), period),
      })),
    ),
    conversion_funnel: statuses.map(({ Status, count }, place) => ({
      Status,
      count,
      previous_count:
        statuses[place - 1]?.count ?? unknown({ basis: 'count', period, n: 0 }, 'no_data'),
    })),
    lead_quality_score: {
      average_score: quality.averageScore,
      high_quality_percentage: quality.high,
      medium_quality_percentage: quality.medium,
      low_quality_percentage: quality.low,
      factors: {
        source: quality.source,
        engagement: none,
        demographics: none,
        behavior: none,
        timing: none,
      },
    },
  }
}
