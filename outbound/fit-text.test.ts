import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countFitting, fitText } from './fit-text.ts'

const doubled = (character: string) => character + character

test('a text that fits stays as it is', () => {
  expect(fitText('Acme', 4, (c) => c)).toBe('Acme')
  expect(fitText('Acme', 8, doubled)).toBe('AAccmmee')
})

test('a longer one is cut between characters, and says so', () => {
  expect(fitText('Acmes', 4, (c) => c)).toBe('Acm…')
  expect(fitText('Acme', 7, doubled)).toBe('AAccmm…')
  expect(fitText('💥💥💥', 5, (c) => c)).toBe('💥💥…')
  expect(fitText('💥💥💥', 4, (c) => c)).toBe('💥…')
})

test('it is one line of whole characters', () => {
  expect(fitText('a\r\nb\u2028c\u0000d', 20, (c) => c)).toBe('a b c d')
  expect(fitText('a\ud83d', 20, (c) => c)).toBe('a\ufffd')
})

test('no text breaks the limit', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, limit) => {
      const fitted = fitText(text, limit, doubled)
      expect(fitted.length).toBeLessThanOrEqual(limit)
      expect(fitted.isWellFormed()).toBe(true)
    }),
  )
})

test('lines are counted with the breaks between them', () => {
  expect(countFitting(['ab', 'cd'], 5)).toBe(2)
  expect(countFitting(['ab', 'cd'], 4)).toBe(1)
  expect(countFitting(['abc'], 2)).toBe(0)
  expect(countFitting([], 0)).toBe(0)
})
