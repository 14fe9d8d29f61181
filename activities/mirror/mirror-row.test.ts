import { expect, test } from 'vitest'
import { modstampOf, toMirrorRow } from './mirror-row.ts'

test('records of both APIs give the same row', () => {
  const rest = {
    attributes: { type: 'Account' },
    ...{ Id: '001000000000001AAA', Name: 'Acme', Industry: null, AnnualRevenue: 1_000 },
    ...{ NumberOfEmployees: 5, SystemModstamp: '2026-11-26T10:00:00.000+0000' },
  }
  const bulk = {
    ...{ Id: '001000000000001AAA', Name: 'Acme', Industry: '', AnnualRevenue: '1000' },
    ...{ NumberOfEmployees: '5.0', SystemModstamp: '2026-11-26T10:00:00.000Z' },
  }
  const row = toMirrorRow('Account', rest)
  expect(row).toMatchObject({ id: rest.Id, name: 'Acme', industry: null, annual_revenue: 1_000 })
  expect(row).toMatchObject({ number_of_employees: 5, type: null, currency_iso_code: null })
  expect(row).not.toHaveProperty('attributes')
  expect(toMirrorRow('Account', bulk)).toMatchObject({
    ...{ industry: null, annual_revenue: '1000', number_of_employees: 5 },
  })
  expect(modstampOf(rest)).toEqual(modstampOf(bulk))
})

test('what Postgres cannot hold is left out', () => {
  const row = toMirrorRow('User', { Id: '005', Name: 'a\u0000b\ud800', IsActive: true })
  expect(row).toMatchObject({ name: 'ab\ufffd', is_active: true })
})

test('a record without its id or its time is an error', () => {
  expect(() => toMirrorRow('User', { Name: 'x' })).toThrow('without its Id')
  expect(() => modstampOf({ Id: '005' })).toThrow('without its SystemModstamp')
})
