import { expect, test } from 'vitest'
import { interpolate } from './interpolate.ts'

/** A variable as a compose file writes it. */
const v = (expression: string) => `\${${expression}}`

test.each([
  [`a-${v('X')}-b`, { X: '1' }, 'a-1-b'],
  [v('X:-2'), {}, '2'],
  [v('X:-2'), { X: '' }, '2'],
  [v('X:-'), {}, ''],
  [v('X:?is the key'), { X: '3' }, '3'],
  [v(`X:-http://h:${v('Y:-3')}/p`), {}, 'http://h:3/p'],
  [v(`X:-http://h:${v('Y:-3')}/p`), { Y: '4' }, 'http://h:4/p'],
  [`"$${v('pair%%:*')}"`, {}, `"${v('pair%%:*')}"`],
])('%s with %j is %s', (value, variables, wanted) => {
  expect(interpolate(value, variables)).toBe(wanted)
})

test('what is required and missing, or not understood, is an error', () => {
  expect(() => interpolate(v('X:?is the key'), {})).toThrow('X is the key')
  expect(() => interpolate('$X', {})).toThrow('$X')
  expect(() => interpolate(v('X'.repeat(2)).slice(0, -1), {})).toThrow('XX')
  expect(() => interpolate(v('X:+1'), {})).toThrow('X:+1')
})
