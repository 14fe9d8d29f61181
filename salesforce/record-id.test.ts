import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSalesforceId, toId18 } from './record-id.ts'

const id15 = fc.stringMatching(/^[0-9A-Za-z]{15}$/)

describe('record ids', () => {
  test.each([
    // Pairs from Salesforce's own samples.
    ['001A0000006Vm9r', '001A0000006Vm9rIAC'],
    ['00D30000000UbbH', '00D30000000UbbHEAS'],
    ['000000000000000', '000000000000000AAA'],
  ])('%s is %s', (short, long) => {
    expect(toId18(short)).toBe(long)
    expect(toId18(long)).toBe(long)
  })

  test('an id that lost its case gets it back from its last three characters', () => {
    fc.assert(
      fc.property(id15, (short) => {
        const long = toId18(short)
        expect(long.startsWith(short)).toBe(true)
        expect(toId18(long)).toBe(long)
        expect(toId18(long.toLowerCase())).toBe(long)
        expect(toId18(long.toUpperCase())).toBe(long)
      }),
    )
  })

  test('two ids that differ in case only stay two', () => {
    expect(toId18('001A0000006Vm9r')).not.toBe(toId18('001A0000006Vm9R'))
  })

  test.each([
    '',
    '001A',
    '001A0000006Vm9r!',
    '001A0000006Vm9rIA',
    '001A0000006Vm9r999',
    '000000000000000BAA',
  ])('%j is no id', (id) => {
    expect(isSalesforceId(id)).toBe(false)
    expect(() => toId18(id)).toThrow(RangeError)
  })
})
