import { expect, test } from 'vitest'
import { dayNumber, dayText, isWithin, monthOf, monthsBetween, weekStart } from './calendar.ts'

test('days are those of UTC, and what is no date is in no range', () => {
  expect(dayText(dayNumber('2026-06-30T23:30:00.000-0200'))).toBe('2026-07-01')
  expect(dayText(dayNumber('1969-12-31T23:59:59Z'))).toBe('1969-12-31')
  const june = { from: '2026-06-01', to: '2026-06-30' }
  expect(isWithin('2026-06-30T23:59:59.999Z', june)).toBe(true)
  expect(isWithin('2026-07-01T00:00:00.000Z', june)).toBe(false)
  expect(isWithin('2026-05-31', june)).toBe(false)
  expect(isWithin(null, { from: null, to: null })).toBe(false)
  expect(isWithin('soon', { from: null, to: null })).toBe(false)
})

test('months run over the turn of the year', () => {
  expect(monthsBetween('2025-11', '2026-02')).toEqual(['2025-11', '2025-12', '2026-01', '2026-02'])
  expect(monthsBetween('2026-02', '2026-01')).toEqual([])
  expect(monthOf('2026-02-28T10:00:00Z')).toBe('2026-02')
})

test('weeks begin on Monday, also before 1970', () => {
  for (const [day, monday] of [
    ['2026-06-28', '2026-06-22'],
    ['2026-06-29', '2026-06-29'],
    ['1970-01-01', '1969-12-29'],
    ['1969-12-28', '1969-12-22'],
  ] as const) {
    expect(dayText(weekStart(dayNumber(day)))).toBe(monday)
  }
})
