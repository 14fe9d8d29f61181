import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalId } from './salesforce-id.ts'

const shortId = fc.stringMatching(/^[A-Za-z0-9]{15}$/)

describe('canonicalId', () => {
  test('a short id gets the suffix that Salesforce gives it', () => {
    // Ids with their suffixes as printed in Salesforce's own documentation.
    expect(canonicalId('001D000000IqhSL')).toBe('001D000000IqhSLIAZ')
    expect(canonicalId('001xx000003DGb2')).toBe('001xx000003DGb2AAG')
  })

  test('a long id that lost its case is restored', () => {
    fc.assert(
      fc.property(shortId, (id) => {
        const long = canonicalId(id) ?? ''
        expect(canonicalId(long)).toBe(long)
        expect(canonicalId(long.toLowerCase())).toBe(long)
        expect(canonicalId(long.toUpperCase())).toBe(long)
      }),
    )
  })

  test('short ids that differ in case are different', () => {
    expect(canonicalId('001D000000IqhSl')).not.toBe(canonicalId('001D000000IqhSL'))
  })

  test.each([
    '',
    '001',
    '001D000000IqhS!',
    '001D000000IqhSLI',
    '001D000000IqhSLIA9',
    '000000000000000ZZZ',
  ])('%j is no id', (text) => expect(canonicalId(text)).toBeNull())
})
