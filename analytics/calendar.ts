import type { DayRange, FigurePeriod, PeriodField } from '../contracts/analytics.ts'

/** Milliseconds of a day. */
export const DAY_MS = 86_400_000
const MONDAY_OFFSET = 3

/** The day of a date or a time, counted from 1970-01-01. NaN for what is no date: it is in no period. */
export function dayNumber(date: string): number {
  return Math.floor(Date.parse(date) / DAY_MS)
}

/** YYYY-MM-DD of a day number. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** Days between two dates or times, with fractions. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS
}

/** The first moment after a day, in milliseconds. */
export function endOf(day: string): number {
  return Date.parse(day) + DAY_MS
}

/** Whether a date or time falls on a day of the range. */
export function isWithin(date: string | null, range: DayRange): boolean {
  if (date === null) return false
  const day = dayNumber(date)
  if (Number.isNaN(day)) return false
  if (range.from !== null && day < dayNumber(range.from)) return false
  return range.to === null || day <= dayNumber(range.to)
}

/** A range with the field that puts rows into it. */
export function periodBy(field: PeriodField, range: DayRange): FigurePeriod {
  return { from: range.from, to: range.to, field }
}

/** The state on one day. */
export function asOf(day: string): FigurePeriod {
  return { from: null, to: day, field: 'as_of' }
}

/** The range of equal length that ends the day before; null where the range is open. */
export function precedingRange(range: DayRange): DayRange | null {
  if (range.from === null || range.to === null) return null
  const from = dayNumber(range.from)
  const length = dayNumber(range.to) - from + 1
  return { from: dayText(from - length), to: dayText(from - 1) }
}

/** YYYY-MM of a date or time. */
export function monthOf(date: string): string {
  return dayText(dayNumber(date)).slice(0, 7)
}

/** Months from one to the other, both included. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = []
  const end = monthIndex(last)
  for (let index = monthIndex(first); index <= end; index++) {
    const month = String((index % 12) + 1).padStart(2, '0')
    months.push(`${String(Math.floor(index / 12)).padStart(4, '0')}-${month}`)
  }
  return months
}

function monthIndex(month: string): number {
  const [year = '0', number = '1'] = month.split('-')
  return Number(year) * 12 + Number(number) - 1
}

/** Day number of the Monday that a day's week begins with. */
export function weekStart(day: number): number {
  return day - ((((day + MONDAY_OFFSET) % 7) + 7) % 7)
}
