import { describe, expect, test } from 'vitest'
import { isPeriodName, periodDays } from './period.ts'

/** A Thursday after a leap day, first quarter. */
const calendar = { today: '2024-03-14', firstWeekday: 0, fiscalYearStart: 1 }

describe('relative dates', () => {
  test.each([
    ['TODAY', null, '2024-03-14', '2024-03-15'],
    ['YESTERDAY', null, '2024-03-13', '2024-03-14'],
    ['TOMORROW', null, '2024-03-15', '2024-03-16'],
    ['LAST_90_DAYS', null, '2023-12-15', '2024-03-15'],
    ['NEXT_90_DAYS', null, '2024-03-15', '2024-06-13'],
    ['LAST_WEEK', null, '2024-03-03', '2024-03-10'],
    ['THIS_WEEK', null, '2024-03-10', '2024-03-17'],
    ['NEXT_WEEK', null, '2024-03-17', '2024-03-24'],
    ['LAST_MONTH', null, '2024-02-01', '2024-03-01'],
    ['NEXT_QUARTER', null, '2024-04-01', '2024-07-01'],
    ['LAST_QUARTER', null, '2023-10-01', '2024-01-01'],
    ['THIS_YEAR', null, '2024-01-01', '2025-01-01'],
    ['LAST_N_DAYS', 14, '2024-02-29', '2024-03-15'],
    ['NEXT_N_DAYS', 2, '2024-03-15', '2024-03-17'],
    ['N_DAYS_AGO', 14, '2024-02-29', '2024-03-01'],
    ['LAST_N_WEEKS', 2, '2024-02-25', '2024-03-10'],
    ['NEXT_N_WEEKS', 1, '2024-03-17', '2024-03-24'],
    ['N_WEEKS_AGO', 2, '2024-02-25', '2024-03-03'],
    ['LAST_N_MONTHS', 13, '2023-02-01', '2024-03-01'],
    ['NEXT_N_MONTHS', 10, '2024-04-01', '2025-02-01'],
    ['N_MONTHS_AGO', 3, '2023-12-01', '2024-01-01'],
    ['LAST_N_QUARTERS', 1, '2023-10-01', '2024-01-01'],
    ['N_QUARTERS_AGO', 5, '2022-10-01', '2023-01-01'],
    ['LAST_N_YEARS', 2, '2022-01-01', '2024-01-01'],
    ['NEXT_N_YEARS', 2, '2025-01-01', '2027-01-01'],
    ['N_YEARS_AGO', 4, '2020-01-01', '2021-01-01'],
    ['LAST_N_YEARS', 10 ** 12, '1700-01-01', '2024-01-01'],
    ['NEXT_N_DAYS', 10 ** 7, '2024-03-15', '4000-12-31'],
  ])('%s:%s', (name, count, start, end) => {
    expect(isPeriodName(name, count !== null)).toBe(true)
    expect(periodDays(name, count, calendar)).toEqual({ start, end })
  })

  test('weeks begin as the locale says', () => {
    const german = { ...calendar, today: '2024-03-17', firstWeekday: 1 }
    expect(periodDays('THIS_WEEK', null, german)).toEqual({
      start: '2024-03-11',
      end: '2024-03-18',
    })
    expect(periodDays('THIS_WEEK', null, { ...german, firstWeekday: 0 }).start).toBe('2024-03-17')
  })

  test('fiscal years begin in the month that the organization names', () => {
    const fiscal = { ...calendar, fiscalYearStart: 2 }
    expect(periodDays('THIS_FISCAL_YEAR', null, fiscal)).toEqual({
      start: '2024-02-01',
      end: '2025-02-01',
    })
    expect(periodDays('LAST_FISCAL_QUARTER', null, fiscal)).toEqual({
      start: '2023-11-01',
      end: '2024-02-01',
    })
    expect(periodDays('N_FISCAL_YEARS_AGO', 1, { ...fiscal, fiscalYearStart: 7 })).toEqual({
      start: '2022-07-01',
      end: '2023-07-01',
    })
  })

  test('other words are none', () => {
    expect(isPeriodName('THIS_DAY', false)).toBe(false)
    expect(isPeriodName('LAST_WEEK', true)).toBe(false)
    expect(isPeriodName('LAST_N_WEEKS', false)).toBe(false)
  })
})
