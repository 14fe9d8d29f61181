import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { differences, lookAtMirror, ofObject, refresh, shownByOrg } from './mirrored.ts'
import { createRecords } from './org-records.ts'

let conveyor: TestConveyor
let url: string
beforeAll(async () => {
  conveyor = await startTestConveyor({ environment: { CONVEYOR_MIRROR_PAGE_ROWS: '20' } })
  const [api] = await Promise.all([conveyor.startApi(), conveyor.startWorker()])
  url = api.url
})
afterAll(() => conveyor.stop())

test('the mirror holds what the org shows, page by page, and what changes there', async () => {
  const records = await createRecords(conveyor)
  await records.insert('Account', 30, (n) => ({ Name: `Account ${n}`, AnnualRevenue: n * 1_000 }))
  await records.insert('Opportunity', 90, (n) => ({
    ...{ Name: `Deal ${n}`, StageName: 'Prospecting', CloseDate: '2026-12-31' },
    Amount: n % 3 === 0 ? null : n + 0.25,
  }))
  await records.insert('Lead', 25, (n) => ({ LastName: `Lead ${n}`, Company: 'Acme' }))

  const first = await refresh(url)
  expect(await differences(conveyor)).toEqual([])
  expect(ofObject(first, 'Opportunity')).toMatchObject({
    ...{ rows: 90, error: null, missing_fields: ['CurrencyIsoCode'] },
    first_load: { loaded: 90, expected: 90 },
  })
  expect(ofObject(first, 'CurrencyType')).toMatchObject({
    ...{ error: { code: 'object_not_visible' } },
  })
  expect(first.run).toMatchObject({ state: 'idle', blocked: null })
  expect(first.snapshot?.date).toMatch(/^\d{4}-\d\d-\d\d$/)

  const ids = [...(await shownByOrg(conveyor.org, 'Opportunity')).keys()]
  await records.update('Opportunity', ids.slice(0, 45), () => ({ StageName: 'Closed Won' }))
  await records.remove(ids.slice(45, 50))
  await refresh(url)
  expect(await differences(conveyor)).toEqual([])

  await records.undelete(ids[45] ?? '')
  await refresh(url)
  const quiet = await refresh(url)
  expect(quiet.objects.map(({ changed }) => changed)).toEqual(quiet.objects.map(() => 0))
  // What docs/mirror.md says of a run without changes; pages are small here, and what changed is read once more.
  expect(ofObject(quiet, 'User').calls).toBe(1)
  expect(ofObject(quiet, 'OpportunityStage').calls).toBe(1)
  expect(ofObject(quiet, 'Lead').calls).toBe(1 + Math.ceil((25 + 1) / 20))
  expect(await differences(conveyor)).toEqual([])
})

test('what was removed for good is found when all ids are compared', async () => {
  const records = await createRecords(conveyor)
  const [id] = await records.insert('Account', 1, () => ({ Name: 'Short-lived' }))
  await refresh(url)
  expect(await differences(conveyor)).toEqual([])
  await records.hardDelete('Account', [id ?? ''])
  await refresh(url, { reconcile: true })
  expect(await differences(conveyor)).toEqual([])
  const { objects } = await lookAtMirror(url)
  for (const each of objects) {
    if (each.object !== 'CurrencyType') expect(each.reconciled_at).not.toBeNull()
  }
})
