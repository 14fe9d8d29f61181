import { expect, test } from 'vitest'
import { textWithReferences, withReferences } from './composite-references.ts'

const answers = new Map<string, unknown>([
  ['made', { id: '001', count: 2, tags: [{ name: 'a b' }], nothing: null }],
])

test('a whole reference keeps the type of its value, a part becomes text', () => {
  const body = { Id: '@{made.id}', Count: ['@{made.count}'], Text: 'x@{made.count}@{made.nothing}' }
  expect(withReferences(body, answers)).toEqual({ Id: '001', Count: [2], Text: 'x2' })
  expect(textWithReferences('/q/@{made.tags[0].name}', answers, encodeURIComponent)).toBe(
    '/q/a%20b',
  )
})

test.each([
  '@{other.id}',
  '@{made.nope}',
  '@{made.tags}',
  '@{made.tags[1].name}',
  '@{made.tags[].name}',
  '@{made.__proto__.x}',
  '@{}',
])('%s leads nowhere', (text) => {
  expect(() => withReferences(text, answers)).toThrow('Invalid reference specified')
})

test('a text that opens a million references and closes none is read at once', () => {
  const text = '@{'.repeat(1_000_000)
  expect(withReferences(text, answers)).toBe(text)
})
