import type { CurrencyRates, Figure } from '../../contracts/analytics.ts'
import type { BucketSum, RowFigures } from '../../contracts/analytics-rollup.ts'
import { asOf, periodBy } from '../calendar.ts'
import { known, unknown } from '../figure.ts'
import { type Forecast, forecast } from '../forecast/forecast.ts'
import type { ModelFactory } from '../forecast/forecast-models.ts'
import { byGroup, moneyOfSums } from './money-of-sums.ts'
import { wholeMonths } from './trend-section.ts'

const MOST_MONTHS = 120
const HORIZON = 3

/** The next three months of what is won, where a forecast of the past would have been better than none. */
export function revenueForecast(
  wonByMonth: readonly BucketSum[],
  day: string,
  rates: CurrencyRates | null,
  models: ModelFactory,
): Forecast | Extract<Figure, { readonly value: null }> {
  const months = wholeMonths(day, MOST_MONTHS)
  const groups = byGroup(wonByMonth)
  const first = months.findIndex((month) => groups.has(month))
  const used = first < 0 ? [] : months.slice(first)
  const period = periodBy('closed', {
    from: used[0] === undefined ? null : `${used[0]}-01`,
    to: day,
  })
  const total = moneyOfSums(
    used.flatMap((month) => groups.get(month) ?? []),
    period,
    rates,
  )
  const subject = { basis: 'amount', period, n: used.length, currency: total.currency } as const
  if (used.length === 0) return unknown(subject, 'no_won_deals')
  if (total.value === null) return unknown(subject, total.reason)
  const values = used.map((month) => moneyOfSums(groups.get(month) ?? [], period, rates).value ?? 0)
  return forecast(
    { values, season: 12, horizon: HORIZON, period, basis: 'amount', currency: total.currency },
    models,
  )
}

/** The forecast as callers of the replaced service know it. */
export function forecastFigures(
  found: ReturnType<typeof revenueForecast>,
  day: string,
): RowFigures['forecast'] {
  const subject = { basis: 'score', period: asOf(day), n: 0 } as const
  if (!('steps' in found)) {
    return { nextMonth: found, nextQuarter: found, coverage: unknown(subject, found.reason) }
  }
  const [nextMonth] = found.steps
  const missing = unknown({ ...subject, basis: 'amount' }, found.reason ?? 'insufficient_data')
  const backtest = found.backtest
  return {
    nextMonth: nextMonth ?? missing,
    nextQuarter: sumOf(found.steps) ?? missing,
    coverage:
      found.reason !== null || backtest === null
        ? unknown(subject, found.reason ?? 'insufficient_data')
        : known({ ...subject, n: backtest.n }, backtest.coverage95),
  }
}

/** The sum of the steps; its limits are those of all steps at once, which are wider than need be. */
function sumOf(steps: readonly Figure[]): Figure | null {
  const [first] = steps
  if (first === undefined || first.value === null) return first ?? null
  const limits = { low: 0, high: 0 }
  let value = 0
  for (const step of steps) {
    if (step.value === null || step.interval === null) return null
    value += step.value
    limits.low += step.interval.low
    limits.high += step.interval.high
  }
  return known(first, value, { ...limits, level: 0.95, method: 'model' })
}
