import { describe, expect, test } from 'vitest'
import type { FieldDefinition } from '../schema/field.ts'
import * as f from '../schema/field-builders.ts'
import { formatOf, formatValue } from './format.ts'
import type { Cell } from './query-plan.ts'
import type { Value } from './value.ts'

function formatted(field: FieldDefinition, raw: string | number, locale: string, zone = 'GMT') {
  const value: Value = {
    sql: '',
    form: 'plain',
    keyPrefix: '',
    type: field.type,
    field,
    name: field.name,
    key: null,
  }
  const format = formatOf(value)
  const cell: Cell = { key: '', header: '', value, column: 0, format, aggregate: null }
  if (format === null) throw new Error('a value of this type has a format')
  return formatValue(format, cell, raw, { locale, zone }).replaceAll('\u00a0', ' ')
}

describe('FORMAT()', () => {
  test.each([
    [f.currency('C', 18, 2), 44_000, 'en_US', '$44,000.00'],
    [f.currency('C', 18, 2), -1.5, 'de_DE', '-1,50 $'],
    [f.decimal('D', 16, 2), 1_234.5, 'en_US', '1,234.50'],
    [f.integer('I'), 1_234_567, 'de_DE', '1.234.567'],
    [f.percent('P', 3, 0), 10, 'en_US', '10%'],
    [f.date('D'), '2015-12-28', 'en_US', '12/28/2015'],
    [f.date('D'), '2015-12-28', 'de_DE', '28.12.2015'],
    [f.datetime('T'), '2025-04-10T22:31:37.000Z', 'en_US', '4/10/2025, 10:31 PM'],
    [f.text('T', 9), 'as it is', 'en_US', 'as it is'],
  ])('of %o: %s in %s', (field, raw, locale, text) => {
    expect(formatted(field, raw, locale)).toBe(text)
  })

  test('writes datetimes in the zone of the user', () => {
    const raw = '2025-04-10T22:31:37.000Z'
    expect(formatted(f.datetime('T'), raw, 'en_US', 'America/Los_Angeles')).toBe(
      '4/10/2025, 3:31 PM',
    )
  })
})
