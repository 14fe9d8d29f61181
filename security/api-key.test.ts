import fc from 'fast-check'
import { expect, test } from 'vitest'
import { apiKeyHint, hashApiKey, isApiKey, makeApiKey } from './api-key.ts'

test('keys have the published form and are never alike', () => {
  const keys = Array.from({ length: 1_000 }, () => makeApiKey('live'))
  expect(new Set(keys).size).toBe(1_000)
  for (const key of keys) {
    expect(key).toMatch(/^cvy_live_[0-9A-Za-z]{49}$/)
    expect(isApiKey(key)).toBe(true)
  }
})

test('one other character anywhere is no key', () => {
  const key = makeApiKey('test')
  fc.assert(
    fc.property(fc.nat(key.length - 1), fc.constantFrom(...'azAZ09_-'), (at, character) => {
      fc.pre(key[at] !== character)
      expect(isApiKey(key.slice(0, at) + character + key.slice(at + 1))).toBe(false)
    }),
  )
})

test.each([
  '',
  'cvy_live_',
  `${makeApiKey('live')}x`,
  makeApiKey('live').slice(1),
  ` ${makeApiKey('live')}`,
])('%j is no key', (text) => {
  expect(isApiKey(text)).toBe(false)
})

test('the hint tells keys apart and holds nothing that helps', () => {
  const key = makeApiKey('live')
  expect(apiKeyHint(key)).toBe(`cvy_live_…${key.slice(-4)}`)
  expect(hashApiKey(key)).toHaveLength(32)
})
