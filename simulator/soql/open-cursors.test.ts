import { expect, test } from 'vitest'
import { createSchema } from '../schema/schema.ts'
import { type Cursor, createOpenCursors } from './open-cursors.ts'
import { parseSoql } from './parse.ts'
import { planQuery } from './plan-query.ts'
import type { QueryContext } from './query-context.ts'

const DAY = 24 * 3_600_000
const context: QueryContext = {
  now: 0,
  user: 1,
  zone: 'GMT',
  locale: 'en_US',
  fiscal: { start: 1, namedByStart: false },
  withDeleted: false,
}

function cursor(): Cursor {
  const plan = planQuery(createSchema(), parseSoql('SELECT Id FROM Account'), context)
  if (plan.kind !== 'records') throw new Error('not a query of records')
  return { plan, numbers: Uint32Array.of(1, 2), reader: context }
}

test('a query ends when it is left alone for two days, and is its own user’s', () => {
  const cursors = createOpenCursors()
  const locator = cursors.open(1, cursor(), 0)
  expect(cursors.find(2, locator, 0)).toBeNull()
  expect(cursors.find(1, locator, 2 * DAY)).not.toBeNull()
  // Reading it has kept it.
  expect(cursors.find(1, locator, 4 * DAY)).not.toBeNull()
  expect(cursors.find(1, locator, 6 * DAY + 1)).toBeNull()
  expect(cursors.find(1, locator, 6 * DAY)).toBeNull()
})

test('each user has ten', () => {
  const cursors = createOpenCursors()
  const first = cursors.open(1, cursor(), 0)
  const second = cursors.open(1, cursor(), 0)
  for (let n = 0; n < 20; n += 1) cursors.open(2, cursor(), 0)
  cursors.find(1, first, 0)
  for (let n = 0; n < 9; n += 1) cursors.open(1, cursor(), 0)
  expect(cursors.find(1, first, 0)).not.toBeNull()
  expect(cursors.find(1, second, 0)).toBeNull()
})
