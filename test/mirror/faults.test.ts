import { sql } from 'slonik'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createOpportunityDailySnapshotQueries } from '../../db/opportunity-daily-snapshots.ts'
import { row } from '../../db/row-type.ts'
import { postJson, problemOf } from '../api/test-api.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { differences, held, ofObject, refresh, shownByOrg } from './mirrored.ts'
import { createRecords, type OrgRecords } from './org-records.ts'

let conveyor: TestConveyor
let url: string
let records: OrgRecords
beforeEach(async () => {
  conveyor = await startTestConveyor()
  const [api] = await Promise.all([conveyor.startApi(), conveyor.startWorker()])
  url = api.url
  records = await createRecords(conveyor)
})
afterEach(() => conveyor.stop())

test('an object that cannot be read keeps no other from being read, and is read when it can', async () => {
  await records.insert('Lead', 3, (n) => ({ LastName: `Lead ${n}`, Company: 'Acme' }))
  await records.insert('Account', 3, (n) => ({ Name: `Account ${n}` }))
  await conveyor.org.addFault({
    ...{ match: { path: '/sobjects/Lead/describe' }, times: 'always' },
    action: { type: 'status', status: 403, errorCode: 'INSUFFICIENT_ACCESS' },
  })
  await conveyor.org.addFault({
    ...{ match: { path: '/sobjects/Account/deleted' }, times: 1 },
    action: { type: 'status', status: 400, errorCode: 'EXCEEDED_ID_LIMIT' },
  })
  const first = await refresh(url)
  expect(first.run).toMatchObject({ state: 'idle', blocked: null })
  expect(ofObject(first, 'Lead')).toMatchObject({
    ...{ as_of: null, lag_seconds: null, rows: 0 },
    error: { code: 'INSUFFICIENT_ACCESS' },
  })
  expect(ofObject(first, 'Account')).toMatchObject({ error: null, rows: 3 })
  await conveyor.org.clearFaults()
  expect(ofObject(await refresh(url), 'Lead')).toMatchObject({ error: null, rows: 3 })
  expect(await differences(conveyor)).toEqual([])
})

test('a connection that a person has to mend parks the run, and so do calls that are used up', async () => {
  await conveyor.org.addFault({
    ...{ match: { call: 'token' }, times: 'always' },
    action: { type: 'status', status: 400, errorCode: 'invalid_grant' },
  })
  const refused = await refresh(url)
  expect(refused.run).toMatchObject({
    state: 'blocked',
    blocked: { reason: 'authentication_failed', detail: expect.stringContaining('invalid_grant') },
  })
  expect(ofObject(refused, 'Account').as_of).toBeNull()
  await conveyor.org.clearFaults()

  await conveyor.org.set({ apiMax: 1_000, apiUsed: 950 })
  const usedUp = await refresh(url)
  expect(usedUp.run.blocked?.reason).toBe('quota_exhausted')
  // Seen with the first answers: the reserve is left to others.
  expect((await conveyor.org.calls('query')).length).toBeLessThan(4)
  await conveyor.org.set({ apiMax: 100_000, apiUsed: 0 })
  await conveyor.pool.query(sql.type(row<never>())`update connections set api_usage_at = null`)
  expect((await refresh(url)).run).toMatchObject({ state: 'idle', blocked: null })
  expect(await differences(conveyor)).toEqual([])
})

test('an org that takes no end in the future tells its deletions all the same', async () => {
  const ids = await records.insert('Account', 3, (n) => ({ Name: `Account ${n}` }))
  await refresh(url)
  await records.remove(ids.slice(0, 1))
  await conveyor.org.addFault({
    ...{ match: { path: '/sobjects/Account/deleted' }, times: 1 },
    action: { type: 'status', status: 400, errorCode: 'INVALID_REPLICATION_DATE' },
  })
  const second = await refresh(url)
  expect(ofObject(second, 'Account').error).toBeNull()
  // Not all rows were read again for that: one page of what changed.
  expect(ofObject(second, 'Account').calls).toBe(2)
  await refresh(url)
  expect(await differences(conveyor)).toEqual([])
})

test('deletions that the org tells no more are found all the same', async () => {
  const ids = await records.insert('Account', 5, (n) => ({ Name: `Account ${n}` }))
  await refresh(url)
  await records.hardDelete('Account', ids.slice(0, 2))
  await refresh(url)
  expect((await held(conveyor, 'Account')).size).toBe(5)
  // As after weeks without a run.
  await conveyor.pool.query(sql.type(row<never>())`
    update mirror_watermarks set deleted_until = now() - interval '40 days'`)
  await refresh(url)
  expect(await differences(conveyor)).toEqual([])
})

test('rows of another org do not mix with those of this one', async () => {
  await records.insert('Account', 3, (n) => ({ Name: `Account ${n}` }))
  await refresh(url)
  // As if the environment had named another org before.
  await conveyor.pool.query(sql.type(row<never>())`
    update mirror_runs set organization_id = '00D000000000000EAA'`)
  await conveyor.pool.query(sql.type(row<never>())`
    update mirror_accounts set id = '001000000000001AAA' where id = (select min(id) from mirror_accounts)`)
  const again = await refresh(url)
  expect(ofObject(again, 'Account')).toMatchObject({ first_load: { loaded: 3 }, rows: 3 })
  expect(await differences(conveyor)).toEqual([])
})

test('a field that comes to be seen is filled in for all rows', async () => {
  await records.insert('Account', 5, (n) => ({ Name: `Account ${n}`, Industry: 'Energy' }))
  const first = await refresh(url)
  expect(ofObject(first, 'Account').missing_fields).toEqual(['CurrencyIsoCode'])
  // As if Industry had been hidden when the rows were read.
  await conveyor.pool.query(sql.type(row<never>())`update mirror_accounts set industry = null`)
  await conveyor.pool.query(sql.type(row<never>())`
    update mirror_watermarks set fields = fields - 'Industry', scan_from = now() where object = 'Account'`)
  await refresh(url)
  expect(await differences(conveyor)).toEqual([])
})

test("today's snapshot holds what is open or was lately closed, and is replaced whole", async () => {
  const deal = (n: number) => ({
    ...{ Name: `Deal ${n}`, CloseDate: n < 2 ? '2020-01-15' : '2026-12-31', Amount: 10 * n },
    StageName: n % 2 === 0 ? 'Prospecting' : 'Closed Lost',
  })
  const ids = await records.insert('Opportunity', 6, deal)
  const first = await refresh(url)
  const snapshots = () =>
    conveyor.pool.any(
      sql.type(row<{ id: string; stage: string; day: string }>())`
      select opportunity_id as id, stage_name as stage, snapshot_date::text as day
      from opportunity_daily_snapshots order by opportunity_id`,
    )
  expect((await snapshots()).map(({ id }) => id)).toEqual(ids)
  await records.remove(ids.slice(4, 5))
  await records.update('Opportunity', ids.slice(0, 1), () => ({ StageName: 'Qualification' }))
  await refresh(url)
  const again = await snapshots()
  const left = ids.filter((id) => id !== ids[4])
  expect(again.map(({ id }) => id)).toEqual(left)
  expect(again[0]).toMatchObject({ stage: 'Qualification', day: first.snapshot?.date })

  // The second one was closed years ago.
  await conveyor.pool.query(sql.type(row<never>())`
    update mirror_opportunities set created_date = '2020-01-01' where id = ${ids[1] ?? ''}`)
  const owner = { connectionId: DEFAULT_CONNECTION_ID, workspaceId: DEFAULT_WORKSPACE_ID }
  await createOpportunityDailySnapshotQueries(conveyor.pool).replaceToday(owner, 'UTC', 31)
  const day = new Date().toISOString().slice(0, 10)
  const todays = (await snapshots()).filter((each) => each.day === day)
  expect(todays.map(({ id }) => id)).toEqual(left.filter((id) => id !== ids[1]))
})

test('what cannot be asked for is refused by name', async () => {
  const path = `${url}/v1/connections/default/mirror/refresh`
  expect(await problemOf(await postJson(path, { reconcil: true }))).toMatchObject({
    ...{ status: 400, detail: expect.stringContaining('reconcile') },
  })
  expect(await problemOf(await fetch(`${url}/v1/connections/nobody/mirror`))).toMatchObject({
    ...{ status: 404, code: 'connection_not_found' },
  })
  expect(await shownByOrg(conveyor.org, 'Account')).toEqual(new Map())
})
