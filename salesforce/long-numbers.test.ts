import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quoteLongNumbers } from './long-numbers.ts'

test('numbers that a double would round come as they were written', () => {
  const json =
    '{"a":9007199254740993,"b":"12345678901234567890","c":1.10,"d":[-0.12345678901234567]}'
  expect(JSON.parse(quoteLongNumbers(json))).toEqual({
    a: '9007199254740993',
    b: '12345678901234567890',
    c: 1.1,
    d: ['-0.12345678901234567'],
  })
})

test('nothing else changes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify(value)
      // Whatever JSON.stringify writes of a double reads back as the same double.
      expect(JSON.parse(quoteLongNumbers(json))).toEqual(JSON.parse(json))
    }),
  )
})
