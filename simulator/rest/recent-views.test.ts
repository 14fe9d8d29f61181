import { expect, test } from 'vitest'
import * as f from '../schema/field-builders.ts'
import { createRecentViews } from './recent-views.ts'

const account = f.object('Account', '001', [])
const contact = f.object('Contact', '003', [])

test('what was looked at last stands first, once, for each user', () => {
  const views = createRecentViews()
  views.add(1, account, [1, 2])
  views.add(1, contact, [1])
  views.add(1, account, [1])
  views.add(2, account, [9])
  expect(views.of(1)).toEqual([
    { object: 'Account', n: 1 },
    { object: 'Contact', n: 1 },
    { object: 'Account', n: 2 },
  ])
  views.clear()
  expect(views.of(2)).toEqual([])
})

test('no more than 200 are kept', () => {
  const views = createRecentViews()
  views.add(
    1,
    account,
    Array.from({ length: 500 }, (_, n) => n),
  )
  views.add(1, contact, [7])
  expect(views.of(1)).toHaveLength(200)
  expect(views.of(1).slice(0, 2)).toEqual([
    { object: 'Contact', n: 7 },
    { object: 'Account', n: 499 },
  ])
})
