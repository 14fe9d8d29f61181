import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldFixture } from './describe-fixture.ts'
import { canonicalKey, comparableValue, isStableField, wireValue } from './wire-value.ts'

const text = fieldFixture('Name')
const area = fieldFixture('Notes__c', { type: 'textarea' })
const moment = fieldFixture('When__c', { type: 'datetime' })
const day = fieldFixture('Day__c', { type: 'date' })
const amount = fieldFixture('Amount__c', { type: 'currency', scale: 2 })
const whole = fieldFixture('Count__c', { type: 'int', scale: 0 })
const parent = fieldFixture('ParentId', { type: 'reference' })
const flag = fieldFixture('Flag__c', { type: 'boolean' })

describe('wireValue', () => {
  test.each([
    [' a b\t', text, 'a b'],
    ['a\r\nb', area, 'a\nb'],
    ['a\rb', area, 'a\rb'],
    ['\u00a0a', text, '\u00a0a'],
    ['2024-05-01T12:00:00+02:00', moment, '2024-05-01T10:00:00.000Z'],
    ['2024-05-01T00:30:00.14287+0100', moment, '2024-04-30T23:30:00.142Z'],
    ['001D000000IqhSL', parent, '001D000000IqhSLIAZ'],
  ])('%j is written as Salesforce stores it', (value, field, stored) => {
    expect(wireValue(value, field)).toBe(stored)
  })

  test.each([
    ['2024-05-01', moment],
    ['2024-05-01T10:00:00', moment],
    ['2024-02-30T10:00:00Z', moment],
    ['2024-13-01T10:00:00Z', moment],
    ['yesterday', moment],
    ['1.005', amount],
    ['not an id', parent],
    ['001d000000iqhsliaz', parent],
    ['   ', text],
    ['', text],
    [' a ', null],
  ])('%j, which cannot be read for sure, is left to Salesforce', (value, field) => {
    expect(wireValue(value, field)).toBe(value)
  })

  test('is settled after one pass, never blanks a value and never changes what it compares to', () => {
    const field = fc.constantFrom(text, area, moment, day, amount, parent, flag, null)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), field, (value, of) => {
        const wire = wireValue(value, of)
        expect(wireValue(wire, of)).toBe(wire)
        expect(wire === '').toBe(value === '')
        expect(comparableValue(wire, of)).toBe(comparableValue(value, of))
      }),
    )
  })
})

describe('comparableValue', () => {
  test.each([
    ['1.50', '1.5', amount],
    ['+01.005', '1.01', amount],
    ['-1.005', '-1.01', amount],
    ['-0.004', '0', amount],
    ['1e2', '100.00', amount],
    ['.5', '0.50', amount],
    ['99999999999999999.994', '99999999999999999.99', amount],
    ['9.999', '10', amount],
    ['7.0', '7', whole],
    ['TRUE', 'true', flag],
    ['1', 'true', flag],
    ['2024-05-01T00:00:00.000Z', '2024-05-01', day],
    ['2024-05-01T10:00:00.142Z', '2024-05-01T10:00:00.142+0000', moment],
    ['2024-05-01T10:00:00.14287Z', '2024-05-01T10:00:00.142Z', moment],
    ['001D000000IqhSL', '001d000000iqhsliaz', parent],
    ['#N/A', '', text],
    ['   ', '', text],
    ['a\r\nb ', 'a\nb', area],
    ['\ud800', '\ufffd', text],
    ['b; a', 'a;b', fieldFixture('Tags__c', { type: 'multipicklist' })],
    ['ABC', 'abc', fieldFixture('Ext__c', { externalId: true })],
  ])('%j and %j are the same', (left, right, field) => {
    expect(comparableValue(left, field)).toBe(comparableValue(right, field))
  })

  test.each([
    ['a', 'A', text],
    ['caf\u00e9', 'cafe\u0301', text],
    ['1', '1.0', text],
    ['1e999', '1', amount],
    ['2024-05-01T23:00:00-05:00', '2024-05-01', day],
    ['ABC', 'abc', fieldFixture('Ext__c', { externalId: true, caseSensitive: true })],
  ])('%j and %j are not the same', (left, right, field) => {
    expect(comparableValue(left, field)).not.toBe(comparableValue(right, field))
  })

  test('agrees with exact decimal arithmetic', () => {
    const digits = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n })
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 8 }), fc.nat(6), (units, places, scale) => {
        const negative = units < 0n
        const plain = (negative ? -units : units).toString().padStart(places + 1, '0')
        const cut = plain.length - places
        const value = `${negative ? '-' : ''}${plain.slice(0, cut)}.${plain.slice(cut)}`
        const divisor = 10n ** BigInt(Math.max(0, places - scale))
        const magnitude = negative ? -units : units
        const rounded = (magnitude + divisor / 2n) / divisor
        const canonical = comparableValue(value, fieldFixture('N', { type: 'double', scale }))
        const [integer = '', fraction = ''] = canonical.replace('-', '').split('.')
        const kept = Math.min(places, scale)
        expect(BigInt(integer + fraction.padEnd(kept, '0'))).toBe(rounded)
        expect(canonical.startsWith('-')).toBe(negative && rounded > 0n)
      }),
    )
  })
})

test('keys fold case where the field does', () => {
  expect(canonicalKey(' Ab ', fieldFixture('Email', { type: 'email', idLookup: true }))).toBe('ab')
  expect(canonicalKey('Ab', fieldFixture('E__c', { externalId: true, caseSensitive: true }))).toBe(
    'Ab',
  )
  expect(canonicalKey('001D000000IqhSL', fieldFixture('Id', { type: 'id' }))).toBe(
    '001D000000IqhSLIAZ',
  )
  expect(canonicalKey('#N/A', text)).toBe('')
})

test('text and ids are stable; numbers, moments and unknown fields are not', () => {
  expect([text, area, parent].map(isStableField)).toEqual([true, true, true])
  expect([amount, moment, day, flag, null].map(isStableField)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ])
})
