import type { CurrencyRates, DayRange, FigurePeriod } from '../../contracts/analytics.ts'
import type { BucketSum, RowFigures } from '../../contracts/analytics-rollup.ts'
import { asOf, monthsBetween, periodBy } from '../calendar.ts'
import { countFigure } from '../figure.ts'
import { byGroup, countOf, meanOf, meanOfSums, moneyOfSums } from './money-of-sums.ts'

export interface PipelineSums {
  /** Open deals, whenever they are due. */
  readonly open: readonly BucketSum[]
  readonly openByStage: readonly BucketSum[]
  readonly openByOwner: readonly BucketSum[]
  /** Deals created in the range. */
  readonly createdByMonth: readonly BucketSum[]
}

export interface PipelineFacts {
  readonly day: string
  readonly range: DayRange
  readonly rates: CurrencyRates | null
  readonly ownerNames: ReadonlyMap<string, string>
  /** Stages in the order of the org. */
  readonly stageOrder: readonly string[]
}

/** Open deals as of the day, and the deals created in each month of the range. */
export function pipelineSection(
  sums: PipelineSums,
  facts: PipelineFacts,
  conversionRates: RowFigures['conversionRates'],
) {
  const { day, range, rates } = facts
  const now = asOf(day)
  const rank = new Map(facts.stageOrder.map((name, place) => [name, place]))
  const place = (name: string | null) => rank.get(name ?? '') ?? rank.size
  return {
    total_pipeline_value: moneyOfSums(sums.open, now, rates),
    weighted_pipeline_value: moneyOfSums(sums.open, now, rates, 'expected'),
    stage_breakdown: [...byGroup(sums.openByStage)]
      .sort(([a], [b]) => place(a) - place(b))
      .map(([name, own]) => ({ StageName: name, ...dealFigures(own, now, rates) })),
    monthly_trends: monthRows(sums.createdByMonth, range, rates),
    performance_by_rep: [...byGroup(sums.openByOwner)]
      .map(([ownerId, own]) => ({
        owner_name: ownerId === null ? null : (facts.ownerNames.get(ownerId) ?? ownerId),
        ...dealFigures(own, now, rates),
      }))
      .sort((a, b) => (b.total_amount.value ?? 0) - (a.total_amount.value ?? 0)),
    conversion_rates: conversionRates,
  }
}

/** Figures of each month of a range, also of those without a row. */
export function monthRows(
  sums: readonly BucketSum[],
  range: DayRange,
  rates: CurrencyRates | null,
) {
  const months = byGroup(sums)
  const { from, to } = range
  if (from === null || to === null) return []
  return monthsBetween(from.slice(0, 7), to.slice(0, 7)).map((month) => {
    const own = months.get(month) ?? []
    // The part of the month that is in the range.
    const period = periodBy('created', {
      from: from.startsWith(month) ? from : `${month}-01`,
      to: to.startsWith(month) ? to : lastOf(month),
    })
    return {
      year: Number(month.slice(0, 4)),
      month: Number(month.slice(5, 7)),
      count: countFigure(countOf(own), period),
      total_amount: moneyOfSums(own, period, rates),
    }
  })
}

function lastOf(month: string): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10)
}

function dealFigures(
  sums: readonly BucketSum[],
  period: FigurePeriod,
  rates: CurrencyRates | null,
) {
  const total = moneyOfSums(sums, period, rates)
  return {
    count: countFigure(countOf(sums), period),
    total_amount: total,
    avg_amount: meanOfSums(total, 'no_amounts'),
    avg_probability: meanOf(sums, 'probability', period),
  }
}
