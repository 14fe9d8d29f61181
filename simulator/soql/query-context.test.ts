import { describe, expect, test } from 'vitest'
import * as f from '../schema/field-builders.ts'
import { createSchema } from '../schema/schema.ts'
import { openDatabase, transaction } from '../store/database.ts'
import { createRecordStore } from '../store/record-store.ts'
import { calendarOf, contextOf, webLocale } from './query-context.ts'

const user = f.object('User', '005', [f.text('TimeZoneSidKey', 40), f.text('LocaleSidKey', 40)])
const organization = f.object('Organization', '00D', [
  f.integer('FiscalYearStartMonth'),
  f.checkbox('UsesStartDateAsFiscalYearName'),
])
const schema = createSchema([user, organization])

function contextFor(fields: Record<string, string>, fiscal: Record<string, number | boolean>) {
  const database = openDatabase({ path: ':memory:', durable: false }, schema, 0)
  const store = createRecordStore(database)
  transaction(database, () => {
    store.restore(user, fields, 7, { at: 0, by: 7 })
    store.restore(organization, fiscal, 1, { at: 0, by: 7 })
  })
  const now = Date.UTC(2024, 1, 29, 23, 30)
  return contextOf(schema, store, { now, user: 7, withDeleted: false })
}

describe('what a query depends on', () => {
  test('zone, locale and fiscal year are those of the user and the organization', () => {
    const context = contextFor(
      { TimeZoneSidKey: 'Asia/Kolkata', LocaleSidKey: 'de_DE_EURO' },
      { FiscalYearStartMonth: 4, UsesStartDateAsFiscalYearName: true },
    )
    expect(context).toMatchObject({
      zone: 'Asia/Kolkata',
      fiscal: { start: 4, namedByStart: true },
    })
    expect(calendarOf(context)).toEqual({
      today: '2024-03-01',
      firstWeekday: 1,
      fiscalYearStart: 4,
    })
  })

  test('without them the calendar is American and the clock Greenwich’s', () => {
    const context = contextFor({ TimeZoneSidKey: 'Moon/Tycho', LocaleSidKey: '??' }, {})
    expect(context).toMatchObject({ zone: 'GMT', fiscal: { start: 1, namedByStart: false } })
    expect(calendarOf(context)).toEqual({
      today: '2024-02-29',
      firstWeekday: 0,
      fiscalYearStart: 1,
    })
  })

  test('locales of Salesforce are those of the web', () => {
    expect([webLocale('en_US'), webLocale('de_DE_EURO'), webLocale('??')]).toEqual([
      'en-US',
      'de-DE',
      'en-US',
    ])
  })
})
