import { describe, expect, test } from 'vitest'
import { dayStart, isZone, localDay, offsetAt } from './local-time.ts'

describe('time zones', () => {
  test.each([
    ['UTC', '2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['Asia/Kolkata', '2024-03-01', '2024-02-29T18:30:00.000Z'],
    // The day before, of, and after each change of the clocks.
    ['America/Los_Angeles', '2024-03-09', '2024-03-09T08:00:00.000Z'],
    ['America/Los_Angeles', '2024-03-10', '2024-03-10T08:00:00.000Z'],
    ['America/Los_Angeles', '2024-03-11', '2024-03-11T07:00:00.000Z'],
    ['America/Los_Angeles', '2024-11-03', '2024-11-03T07:00:00.000Z'],
    ['America/Los_Angeles', '2024-11-04', '2024-11-04T08:00:00.000Z'],
    // Midnight is jumped over, or struck twice.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
    ['America/Havana', '2023-11-05', '2023-11-05T04:00:00.000Z'],
    ['Pacific/Kiritimati', '2024-01-01', '2023-12-31T10:00:00.000Z'],
  ])('in %s %s begins at %s', (zone, day, start) => {
    const instant = dayStart(zone, day)
    expect(new Date(instant).toISOString()).toBe(start)
    expect(localDay(zone, instant)).toBe(day)
    expect(localDay(zone, instant - 1) < day).toBe(true)
  })

  test('an offset changes at the instant of the change', () => {
    const change = Date.UTC(2024, 2, 10, 10)
    expect(offsetAt('America/Los_Angeles', change - 1)).toBe(-8 * 3_600_000)
    expect(offsetAt('America/Los_Angeles', change)).toBe(-7 * 3_600_000)
    expect(offsetAt('Asia/Kathmandu', change)).toBe(5.75 * 3_600_000)
  })

  test('a zone that nobody knows is none', () => {
    expect([isZone('Europe/Berlin'), isZone('Moon/Tycho')]).toEqual([true, false])
  })
})
