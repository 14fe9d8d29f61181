import type {
  Figure,
  FigureBasis,
  FigureInterval,
  FigurePeriod,
  FigureReason,
  UnknownFigure,
} from '../contracts/analytics.ts'
import { wilsonInterval } from './statistics/wilson-interval.ts'

/** What is said of a figure whether or not its value is known. */
export interface FigureSubject {
  readonly basis: FigureBasis
  readonly period: FigurePeriod
  readonly n: number
  readonly currency?: string | null
}

/** A known value. What came out as NaN or infinite is not a number that anyone can use, and is told as such. */
export function known(
  subject: FigureSubject,
  value: number,
  interval: FigureInterval | null = null,
): Figure {
  if (!Number.isFinite(value)) return unknown(subject, 'out_of_range')
  const usable =
    interval !== null && Number.isFinite(interval.low) && Number.isFinite(interval.high)
  return {
    value,
    reason: null,
    basis: subject.basis,
    n: subject.n,
    interval: usable ? interval : null,
    currency: subject.currency ?? null,
    period: subject.period,
  }
}

/** A value that is not known. */
export function unknown(subject: FigureSubject, reason: FigureReason): UnknownFigure {
  return {
    value: null,
    reason,
    basis: subject.basis,
    n: subject.n,
    interval: null,
    currency: subject.currency ?? null,
    period: subject.period,
  }
}

/** How many; zero is a number that is known. */
export function countFigure(n: number, period: FigurePeriod): Figure {
  return known({ basis: 'count', period, n }, n)
}

/** A share of counted rows, with its Wilson interval; `none` says why where there is no row. */
export function shareFigure(
  successes: number,
  n: number,
  period: FigurePeriod,
  none: FigureReason,
): Figure {
  const subject: FigureSubject = { basis: 'count', period, n }
  if (n === 0) return unknown(subject, none)
  return known(subject, successes / n, wilsonInterval(successes, n))
}
