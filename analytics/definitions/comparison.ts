import type { Figure } from '../../contracts/analytics.ts'
import { known, unknown } from '../figure.ts'
import { shareDifferenceInterval } from '../statistics/wilson-interval.ts'

/** A figure of one period against the same of the period before. */
export interface Comparison {
  readonly current: Figure
  readonly previous: Figure
  readonly difference: Figure
  /** difference ÷ previous. */
  readonly relative: Figure
}

/**
 * Period against period. The difference of two shares of counted rows has an interval; where that holds zero, the
 * two may well be the same.
 */
export function compare(current: Figure, previous: Figure): Comparison {
  const subject = {
    basis: current.basis,
    period: current.period,
    n: current.n + previous.n,
    currency: current.currency,
  }
  const none = (reason: Parameters<typeof unknown>[1]): Comparison => ({
    current,
    previous,
    difference: unknown(subject, reason),
    relative: unknown(subject, reason),
  })
  if (current.value === null) return none(current.reason)
  if (previous.value === null) return none(previous.reason)
  // A sum over no rows is zero in any currency.
  const currencies = [current, previous].filter((figure) => figure.n > 0)
  if (new Set(currencies.map((figure) => figure.currency)).size > 1) return none('mixed_currencies')
  const difference = current.value - previous.value
  const areShares = current.interval?.method === 'wilson' && previous.interval?.method === 'wilson'
  const interval = areShares ? shareDifferenceInterval(asShare(current), asShare(previous)) : null
  return {
    current,
    previous,
    difference: known(subject, difference, interval),
    relative:
      previous.value > 0
        ? known(subject, difference / previous.value)
        : unknown(subject, 'zero_baseline'),
  }
}

function asShare(figure: { readonly value: number | null; readonly n: number }): {
  successes: number
  n: number
} {
  return { successes: Math.round((figure.value ?? 0) * figure.n), n: figure.n }
}
