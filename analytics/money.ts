import type {
  CurrencyPart,
  CurrencyRates,
  FigurePeriod,
  FigureReason,
  MoneyFigure,
} from '../contracts/analytics.ts'
import { known, unknown } from './figure.ts'

/** Amounts are added in ten-thousandths, as whole numbers: sums add up exactly, in any order, as in Postgres. */
const DECIMALS = 4
const UNITS = 10 ** DECIMALS
/** Salesforce keeps at most eighteen digits; what is larger would lose its cents in a double anyway. */
const LARGEST = 1e18

/** An amount and its currency. */
export interface Money {
  readonly amount: number | null
  readonly currencyIsoCode: string | null
}

/** Whole ten-thousandths of an amount; null if it is out of range. */
export function toUnits(amount: number): bigint | null {
  if (!Number.isFinite(amount) || Math.abs(amount) > LARGEST) return null
  const whole = Math.trunc(amount)
  return BigInt(whole) * BigInt(UNITS) + BigInt(Math.round((amount - whole) * UNITS))
}

/** The amount of a sum of units: the double nearest to it, which adding up whole and part would not always be. */
export function fromUnits(units: bigint): number {
  const digits = String(units < 0n ? -units : units).padStart(DECIMALS + 1, '0')
  const amount = Number(`${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`)
  return units < 0n ? -amount : amount
}

/** Amounts brought to one currency, or why they cannot be. */
export type OneCurrency =
  | { readonly currency: string | null; readonly convert: (money: Money) => bigint | null }
  | { readonly reason: FigureReason }

/**
 * The one currency in which these amounts can be added. With rates it is the corporate one, so that all figures of an
 * answer agree; without, the one that they share. Rows without an amount do not count.
 */
export function oneCurrency(rows: Iterable<Money>, rates: CurrencyRates | null): OneCurrency {
  const currencies = new Set<string | null>()
  for (const row of rows) if (row.amount !== null) currencies.add(row.currencyIsoCode)
  if (rates !== null) {
    for (const currency of currencies) {
      if (rateOf(currency, rates) === null) return { reason: 'mixed_currencies' }
    }
    return { currency: rates.corporate, convert: (money) => converted(money, rates) }
  }
  if (currencies.size > 1) return { reason: 'mixed_currencies' }
  const [currency = null] = currencies
  return {
    currency,
    convert: ({ amount }) => (amount === null ? null : toUnits(amount)),
  }
}

function rateOf(currency: string | null, rates: CurrencyRates): number | null {
  if (currency === null || currency === rates.corporate) return 1
  const rate = rates.perCorporateUnit[currency]
  return rate === undefined || !(rate > 0) || !Number.isFinite(rate) ? null : rate
}

function converted(money: Money, rates: CurrencyRates): bigint | null {
  const rate = rateOf(money.currencyIsoCode, rates)
  if (money.amount === null || rate === null) return null
  return toUnits(rate === 1 ? money.amount : money.amount / rate)
}

/** The sum of the rows' amounts. No row at all is a sum of zero; rows that all lack an amount are `no_amounts`. */
export function moneyFigure(
  rows: readonly Money[],
  period: FigurePeriod,
  rates: CurrencyRates | null,
): MoneyFigure {
  const amounts = rows.filter(hasAmount)
  const rest = { parts: currencyParts(amounts), withoutAmount: rows.length - amounts.length }
  const money = oneCurrency(amounts, rates)
  const subject = { basis: 'amount', period, n: amounts.length } as const
  if ('reason' in money) return { ...unknown(subject, money.reason), ...rest }
  const inCurrency = { ...subject, currency: money.currency }
  if (rows.length > 0 && amounts.length === 0)
    return { ...unknown(inCurrency, 'no_amounts'), ...rest }
  let sum = 0n
  for (const row of amounts) {
    const units = money.convert(row)
    if (units === null) return { ...unknown(inCurrency, 'out_of_range'), ...rest }
    sum += units
  }
  return { ...known(inCurrency, fromUnits(sum)), ...rest }
}

/** Whether a row has an amount; one that is no number counts as none. */
export function hasAmount(row: Money): boolean {
  return row.amount !== null && !Number.isNaN(row.amount)
}

function currencyParts(rows: readonly Money[]): CurrencyPart[] {
  const sums = new Map<string | null, { units: bigint; n: number }>()
  for (const row of rows) {
    const units = row.amount === null ? null : toUnits(row.amount)
    if (units === null) continue
    const sum = sums.get(row.currencyIsoCode) ?? { units: 0n, n: 0 }
    sums.set(row.currencyIsoCode, { units: sum.units + units, n: sum.n + 1 })
  }
  return [...sums]
    .map(([currency, { units, n }]) => ({ currency, value: fromUnits(units), n }))
    .sort((a, b) => ((a.currency ?? '') < (b.currency ?? '') ? -1 : 1))
}
