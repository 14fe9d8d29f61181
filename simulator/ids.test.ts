import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalId, idChecksum, keyPrefixOf, makeId, recordNumber } from './ids.ts'

describe('record ids', () => {
  test('carry the checksum of documented ids', () => {
    expect(idChecksum('001D000000IqhSL')).toBe('IAZ')
    expect(idChecksum('00D000000000062')).toBe('EAA')
  })

  test('give back the number they were made of', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (n) => {
        const id = makeId('001', n)
        expect(id).toHaveLength(18)
        expect(keyPrefixOf(id)).toBe('001')
        expect(recordNumber(id)).toBe(n)
        expect(canonicalId(id.slice(0, 15))).toBe(id)
        expect(canonicalId(id)).toBe(id)
      }),
    )
  })

  test('are refused when the checksum is wrong or the length is', () => {
    const id = makeId('001', 5)
    const wrong = `${id.slice(0, 17)}${id.endsWith('A') ? 'B' : 'A'}`
    expect(canonicalId(wrong)).toBeNull()
    expect(canonicalId(id.slice(0, 16))).toBeNull()
    expect(canonicalId('not an id here!')).toBeNull()
  })

  test('of another org name no record here', () => {
    expect(recordNumber('001D000000IqhSLIAZ')).toBeNull()
  })
})
