import { expect, test } from 'vitest'
import { pageQuery, walkQuery } from './mirror-soql.ts'

const modstamp = new Date('2026-11-26T10:00:00Z')

test('a page begins behind its last row, also among rows of one time', () => {
  expect(pageQuery('Lead', ['Status', 'SystemModstamp'], { modstamp, id: null }, 2_000)).toBe(
    'SELECT Id, Status, SystemModstamp FROM Lead WHERE SystemModstamp >= 2026-11-26T10:00:00.000Z' +
      ' ORDER BY SystemModstamp, Id LIMIT 2000',
  )
  const id = '00Q000000000001AAA'
  expect(pageQuery('Lead', ['SystemModstamp'], { modstamp, id }, 5)).toBe(
    'SELECT Id, SystemModstamp FROM Lead WHERE SystemModstamp >= 2026-11-26T10:00:00.000Z' +
      ` AND (SystemModstamp > 2026-11-26T10:00:00.000Z OR Id > '${id}')` +
      ' ORDER BY SystemModstamp, Id LIMIT 5',
  )
})

test('a walk goes on behind an id, and takes nothing else for one', () => {
  expect(walkQuery('Lead', ['Status'], null, 5)).toBe(
    'SELECT Id, Status FROM Lead ORDER BY Id LIMIT 5',
  )
  expect(() => walkQuery('Lead', ['Status'], "x' OR Name != '", 5)).toThrow('an id that is none')
})
