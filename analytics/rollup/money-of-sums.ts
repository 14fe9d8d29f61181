import type {
  CurrencyRates,
  Figure,
  FigurePeriod,
  FigureReason,
  MoneyFigure,
} from '../../contracts/analytics.ts'
import type { BucketSum } from '../../contracts/analytics-rollup.ts'
import { known, unknown } from '../figure.ts'
import { fromUnits, oneCurrency } from '../money.ts'

/** Which sum of a bucket is meant. */
export type SumOf = 'amount' | 'expected'

interface Part {
  readonly currency: string | null
  readonly value: number
  readonly n: number
}

/** The sum of buckets in one currency, as `moneyFigure` makes it of rows. */
export function moneyOfSums(
  sums: readonly BucketSum[],
  period: FigurePeriod,
  rates: CurrencyRates | null,
  of: SumOf = 'amount',
): MoneyFigure {
  const parts = partsOf(sums, of)
  const rows = countOf(sums)
  const n = parts.reduce((total, part) => total + part.n, 0)
  const rest = { parts, withoutAmount: rows - n }
  const amounts = parts.map((part) => ({ amount: part.value, currencyIsoCode: part.currency }))
  const money = oneCurrency(amounts, rates)
  const subject = { basis: 'amount', period, n } as const
  if ('reason' in money) return { ...unknown(subject, money.reason), ...rest }
  const inCurrency = { ...subject, currency: money.currency }
  if (rows > 0 && n === 0) return { ...unknown(inCurrency, 'no_amounts'), ...rest }
  let sum = 0n
  for (const amount of amounts) {
    const units = money.convert(amount)
    if (units === null) return { ...unknown(inCurrency, 'out_of_range'), ...rest }
    sum += units
  }
  return { ...known(inCurrency, fromUnits(sum)), ...rest }
}

/** The mean of the amounts that are there. */
export function meanOfSums(money: MoneyFigure, none: FigureReason): Figure {
  const subject = {
    basis: money.basis,
    period: money.period,
    n: money.n,
    currency: money.currency,
  } as const
  if (money.value === null) return unknown(subject, money.reason)
  return money.n === 0 ? unknown(subject, none) : known(subject, money.value / money.n)
}

/** Rows of all buckets. */
export function countOf(sums: readonly BucketSum[]): number {
  return sums.reduce((total, sum) => total + sum.count, 0)
}

/** Mean of a measure that has no currency. */
export function meanOf(
  sums: readonly BucketSum[],
  of: 'probability' | 'days' | 'employees',
  period: FigurePeriod,
): Figure {
  const total = sums.reduce((all, sum) => all + measure(sum, of)[0], 0)
  const n = sums.reduce((all, sum) => all + measure(sum, of)[1], 0)
  const subject = { basis: of === 'days' ? 'days' : 'count', period, n } as const
  if (n > 0) return known(subject, total / n)
  return unknown(
    subject,
    countOf(sums) === 0 ? 'no_data' : of === 'days' ? 'no_dates' : 'no_source',
  )
}

function measure(
  sum: BucketSum,
  of: 'probability' | 'days' | 'employees',
): readonly [total: number, n: number] {
  if (of === 'probability') return [sum.sumProbability, sum.countProbability]
  return of === 'days' ? [sum.sumDays, sum.countDays] : [sum.sumEmployees, sum.countEmployees]
}

/** Sums by their group, in the order in which groups come. */
export function byGroup(sums: readonly BucketSum[]): Map<string | null, BucketSum[]> {
  return Map.groupBy(sums, (sum) => sum.group)
}

function partsOf(sums: readonly BucketSum[], of: SumOf): Part[] {
  const parts = new Map<string | null, Part>()
  for (const sum of sums) {
    const n = of === 'amount' ? sum.countAmount : sum.countExpected
    if (n === 0) continue
    const value = of === 'amount' ? sum.sumAmount : sum.sumExpected
    const part = parts.get(sum.currency)
    parts.set(sum.currency, {
      currency: sum.currency,
      value: (part?.value ?? 0) + value,
      n: (part?.n ?? 0) + n,
    })
  }
  return [...parts.values()].sort((a, b) => ((a.currency ?? '') < (b.currency ?? '') ? -1 : 1))
}
