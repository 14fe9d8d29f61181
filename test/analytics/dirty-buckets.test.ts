import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDrainBuckets } from '../../activities/analytics/drain-buckets.ts'
import { type Database, openDatabase } from '../../db/database.ts'
import { createMirrorRowQueries, type MirrorRow } from '../../db/mirror-rows.ts'
import { createRandom } from '../../simulator/seeded-random.ts'
import { createTestDatabase, type TestDatabase } from '../setup/database.ts'
import { OWNER } from './mirror-contents.ts'

/** Writers and rollups at once: in the end the sums are those of the rows, exactly. */

let owned: TestDatabase
let database: Database
beforeAll(async () => {
  owned = await createTestDatabase()
  database = await openDatabase({ url: owned.databaseUrl, poolSize: 8, onError: () => {} })
})
afterAll(async () => {
  await database.end()
  await owned.drop()
})

const ROWS = 120

function opportunity(random: () => number, id: number): MirrorRow {
  const day = () => `2026-0${1 + Math.floor(random() * 3)}-1${Math.floor(random() * 5)}`
  const isClosed = random() < 0.5
  return {
    id: `006${String(id).padStart(12, '0')}`,
    stage_name: random() < 0.5 ? 'Prospecting' : 'Qualification',
    owner_id: `005${Math.floor(random() * 3)}`,
    amount: random() < 0.2 ? null : Math.floor(random() * 1_000) / 4,
    close_date: day(),
    created_date: `${day()}T23:30:00.000Z`,
    is_closed: isClosed,
    is_won: isClosed && random() < 0.5,
    system_modstamp: '2026-06-01T00:00:00.000Z',
  }
}

function drain(failpoint: () => Promise<void> = async () => {}) {
  return createDrainBuckets({
    database: database.workspace(OWNER.workspaceId),
    mirror: {
      ...{ pageRows: 1, bulkFromRows: 1, mostCalls: 1, overlapMs: 0, reconcileEveryMs: 1 },
      timeZone: 'Asia/Tokyo',
    },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    failpoint,
  })
}

/** Sums that are not those of the rows. */
async function differences(): Promise<readonly unknown[]> {
  return owned.pool.any(sql.unsafe`
    with expected as (
      select 'opportunities_created' as metric, (created_date at time zone 'Asia/Tokyo')::date as bucket,
        stage_name as key, count(*) as count, coalesce(sum(amount), 0) as sum
      from mirror_opportunities where deleted_at is null group by 2, 3
      union all
      select case when not is_closed then 'opportunities_open' when is_won then 'opportunities_won'
        else 'opportunities_lost' end, close_date, stage_name, count(*), coalesce(sum(amount), 0)
      from mirror_opportunities where deleted_at is null group by 1, 2, 3
    ), held as (
      select metric, bucket, key, count, sum_amount as sum from analytics_buckets where key_kind = 'stage'
    )
    (select * from expected except select * from held)
    union all (select * from held except select * from expected)`)
}

test('rows that change while days are added up are not missed', async () => {
  const random = createRandom(20_261_126)
  const workspace = database.workspace(OWNER.workspaceId)
  const all = Array.from({ length: ROWS }, (_, id) => opportunity(random, id))
  await createMirrorRowQueries(workspace).upsert('Opportunity', OWNER, all, null)
  let writing = true
  // A pause with the marks taken, so that writers come in between.
  const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 5))
  const drains = [0, 1].map(async () => {
    while (writing) await drain(slow)(OWNER)
  })
  for (let round = 0; round < 40; round += 1) {
    await workspace.transaction(async (transaction) => {
      const write = createMirrorRowQueries(transaction)
      const ids = new Set(Array.from({ length: 6 }, () => Math.floor(random() * ROWS)))
      await write.upsert(
        'Opportunity',
        OWNER,
        [...ids].map((id) => opportunity(random, id)),
        null,
      )
      const gone = `006${String(Math.floor(random() * ROWS)).padStart(12, '0')}`
      const deletedAt = new Date('2027-01-01')
      await write.markDeleted('Opportunity', OWNER.connectionId, [{ id: gone, deletedAt }], 0)
      await slow()
    })
  }
  writing = false
  await Promise.all(drains)
  for (;;) {
    const { left } = await drain()(OWNER)
    if (left === 0) break
  }
  expect(
    await owned.pool.oneFirst(sql.unsafe`select count(*) from analytics_buckets`),
  ).toBeGreaterThan(50)
  expect(await differences()).toEqual([])
})

test('a rollup that ends before its transaction does leaves the marks', async () => {
  const workspace = database.workspace(OWNER.workspaceId)
  const changed = { ...opportunity(createRandom(7), 1), amount: 12_345 }
  await createMirrorRowQueries(workspace).upsert('Opportunity', OWNER, [changed], null)
  const fail = async () => {
    throw new Error('killed')
  }
  await expect(drain(fail)(OWNER)).rejects.toThrow('killed')
  expect((await differences()).length).toBeGreaterThan(0)
  await drain()(OWNER)
  expect(await differences()).toEqual([])
})

test('rows that are removed for good take their sums with them', async () => {
  const write = createMirrorRowQueries(database.workspace(OWNER.workspaceId))
  while ((await write.erase('Opportunity', OWNER.connectionId, 50)) === 50);
  await drain()(OWNER)
  expect(await owned.pool.oneFirst(sql.unsafe`select count(*) from analytics_buckets`)).toBe(0)
})
