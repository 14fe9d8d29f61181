import { describe, expect, test } from 'vitest'
import { type DateFunction, datePart } from './date-part.ts'

const JANUARY = { start: 1, namedByStart: false }

describe('parts of dates', () => {
  test.each<[DateFunction, string, string | number]>([
    ['CALENDAR_YEAR', '2023-12-31', 2023],
    ['CALENDAR_QUARTER', '2023-10-01', 4],
    ['CALENDAR_MONTH', '2024-02-29', 2],
    ['DAY_IN_MONTH', '2024-02-29', 29],
    ['DAY_IN_WEEK', '2024-03-10', 1],
    ['DAY_IN_WEEK', '2024-03-09', 7],
    ['DAY_IN_YEAR', '2024-12-31', 366],
    ['WEEK_IN_MONTH', '2024-03-07', 1],
    ['WEEK_IN_MONTH', '2024-03-08', 2],
    ['WEEK_IN_YEAR', '2024-01-07', 1],
    ['WEEK_IN_YEAR', '2024-12-31', 53],
  ])('%s of %s is %s', (name, day, part) => {
    expect(datePart(name, day, 'America/Los_Angeles', JANUARY)).toBe(part)
  })

  test('a moment has another day and hour in another zone', () => {
    const moment = '2024-02-29T23:30:00.000Z'
    const parts = (zone: string) =>
      (['DAY_ONLY', 'HOUR_IN_DAY', 'CALENDAR_MONTH'] as const).map((name) =>
        datePart(name, moment, zone, JANUARY),
      )
    expect(parts('UTC')).toEqual(['2024-02-29', 23, 2])
    expect(parts('Asia/Kolkata')).toEqual(['2024-03-01', 5, 3])
    expect(parts('America/Los_Angeles')).toEqual(['2024-02-29', 15, 2])
    expect(datePart('DAY_ONLY', Date.parse(moment), 'Asia/Kolkata', JANUARY)).toBe('2024-03-01')
  })

  test('fiscal years are named after the year in which they end, unless the organization says otherwise', () => {
    const july = { start: 7, namedByStart: false }
    expect(datePart('FISCAL_YEAR', '2024-07-01', 'UTC', july)).toBe(2025)
    expect(datePart('FISCAL_YEAR', '2024-06-30', 'UTC', july)).toBe(2024)
    expect(datePart('FISCAL_YEAR', '2024-07-01', 'UTC', { ...july, namedByStart: true })).toBe(2024)
    expect(datePart('FISCAL_MONTH', '2024-06-30', 'UTC', july)).toBe(12)
    expect(datePart('FISCAL_QUARTER', '2024-07-15', 'UTC', july)).toBe(1)
    expect(datePart('FISCAL_YEAR', '2024-07-01', 'UTC', JANUARY)).toBe(2024)
  })
})
