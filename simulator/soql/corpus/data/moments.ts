import type { Zone } from '../zones.ts'

/**
 * Instants at which relative dates are asked for: edges of month, quarter and year at which the
 * three zones have different days, a leap day, and the days on which clocks change.
 */
export const MOMENTS = {
  /** Already 1 March in Kolkata. */
  leapDayEvening: Date.UTC(2024, 1, 29, 23, 30),
  /** Clocks in Los Angeles go forward at 10:00 UTC. */
  springForward: Date.UTC(2024, 2, 10, 10, 30),
  /** A Sunday, the last day of a quarter. */
  sundayQuarterEnd: Date.UTC(2024, 5, 30, 12, 0),
  /** Clocks in Los Angeles go back at 9:00 UTC. */
  fallBack: Date.UTC(2024, 10, 3, 8, 30),
  /** Still 31 December in Los Angeles. */
  newYearMorning: Date.UTC(2025, 0, 1, 3, 0),
  /** A Saturday evening; Sunday and May in Kolkata already. */
  saturdayEvening: Date.UTC(2022, 3, 30, 20, 0),
  /** Half an hour into the Sunday on which clocks in Sydney go forward. */
  sydneySpring: Date.UTC(2023, 8, 30, 14, 30),
} as const

/** From where each moment is looked at: in zones whose days, weeks, months or years differ there. */
export const QUESTIONS: readonly (readonly [keyof typeof MOMENTS, Zone])[] = [
  ['leapDayEvening', 'GMT'],
  ['leapDayEvening', 'America/Los_Angeles'],
  ['leapDayEvening', 'Asia/Kolkata'],
  ['springForward', 'America/Los_Angeles'],
  ['sundayQuarterEnd', 'GMT'],
  ['fallBack', 'America/Los_Angeles'],
  ['newYearMorning', 'America/Los_Angeles'],
  ['saturdayEvening', 'Asia/Kolkata'],
  ['sydneySpring', 'Australia/Sydney'],
]
