import { describe, expect, test } from 'vitest'
import * as f from '../schema/field-builders.ts'
import { coerceText, roundHalfUp } from './coerce-text.ts'
import { renderCell } from './render.ts'
import { renderRowError } from './row-error.ts'

/** What a result file would show: the value, or the error. */
function echoed(field: Parameters<typeof coerceText>[0], raw: string): string {
  const value = coerceText(field, raw, 3)
  return typeof value === 'object' && value !== null ? renderRowError(value) : renderCell(value)
}

describe('values are stored as a real org stores them', () => {
  test.each([
    ['2022-01-02T17:38:59.14287Z', '2022-01-02T17:38:59.142Z'],
    ['2022-01-02T17:38:59+02:00', '2022-01-02T15:38:59.000Z'],
    ['2022-01-02 17:38:59', '2022-01-02T17:38:59.000Z'],
    ['2022-01-02T17:38:59.142+0000', '2022-01-02T17:38:59.142Z'],
    ['2022-01-02', '2022-01-02T00:00:00.000Z'],
    [
      '9999-12-31T23:00:00-12:00',
      "INVALID_FIELD:Failed to deserialize field at col 3. Due to, '9999-12-31T23:00:00-12:00' is not a valid value for the type xsd:dateTime:D --",
    ],
  ])('datetime %s', (raw, stored) => {
    expect(echoed(f.datetime('D'), raw)).toBe(stored)
  })

  test.each([
    ['2022-1-2', '2022-01-02'],
    ['2022-01-02T23:59:59Z', '2022-01-02'],
    [
      '6/15/19',
      "INVALID_FIELD:Failed to deserialize field at col 3. Due to, '6/15/19' is not a valid value for the type xsd:date:D --",
    ],
    [
      '2022-02-30',
      "INVALID_FIELD:Failed to deserialize field at col 3. Due to, '2022-02-30' is not a valid value for the type xsd:date:D --",
    ],
  ])('date %s', (raw, stored) => {
    expect(echoed(f.date('D'), raw)).toBe(stored)
  })

  test.each([
    ['12.345', '12.35'],
    ['1.005', '1.01'],
    ['-1.005', '-1.01'],
    ['007', '7'],
    ['1e3', '1000'],
    ['-0.001', '0'],
    ['.5', '0.5'],
  ])('number %s at scale 2', (raw, stored) => {
    expect(echoed(f.decimal('N', 18, 2), raw)).toBe(stored)
  })

  test('numbers out of range and integers with a fraction are refused', () => {
    expect(echoed(f.decimal('N', 5, 2), '1000')).toMatch(/^NUMBER_OUTSIDE_VALID_RANGE:/)
    expect(echoed(f.integer('N'), '250.0')).toMatch(/xsd:int:N --$/)
    expect(echoed(f.decimal('N', 5, 2), 'NaN')).toMatch(/xsd:double:N --$/)
  })

  test('rounding goes away from zero at a half', () => {
    expect(roundHalfUp(2.5, 0)).toBe(3)
    expect(roundHalfUp(-2.5, 0)).toBe(-3)
    expect(roundHalfUp(1e-9, 2)).toBe(0)
  })

  test('text is trimmed, its line breaks are LF, its length is checked', () => {
    expect(echoed(f.longText('T', 99), '  a\r\nb\rc ')).toBe('a\nb\nc')
    expect(echoed(f.text('T', 3, { label: 'My Text' }), 'abcd')).toBe(
      'STRING_TOO_LONG:My Text: data value too large: abcd (max length=3):T --',
    )
  })

  test('booleans, picklists, emails and ids', () => {
    expect(echoed(f.checkbox('B'), 'TRUE')).toBe('true')
    expect(echoed(f.checkbox('B'), '0')).toBe('false')
    expect(echoed(f.checkbox('B'), 'yes')).toMatch(/xsd:boolean:B --$/)
    const restricted = f.picklist('P', ['Gold', 'Silver'], { restricted: true })
    expect(echoed(restricted, 'gold')).toBe('Gold')
    expect(echoed(restricted, 'Lead')).toBe(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:P: bad value for restricted picklist field: Lead:P --',
    )
    expect(echoed(f.picklist('P', ['Gold']), 'Other')).toBe('Other')
    expect(echoed(f.multipicklist('M', ['A', 'B', 'C']), 'C; A')).toBe('A;C')
    expect(echoed(f.email('E'), 'a@b')).toBe(
      'INVALID_EMAIL_ADDRESS:E: invalid email address: a@b:E --',
    )
    expect(echoed(f.email('E'), ' a@b.example ')).toBe('a@b.example')
    expect(echoed(f.lookup('AccountId', 'Account'), '001D000000IqhSL')).toBe('001D000000IqhSLIAZ')
    expect(echoed(f.lookup('AccountId', 'Account'), 'abc')).toMatch(/^MALFORMED_ID:/)
  })
})
