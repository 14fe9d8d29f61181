import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { retentionScheduleId } from '../../contracts/workflow-ids.ts'
import { row } from '../../db/row-type.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'
import { addEvent } from './webhook-rows.ts'

const OLD_DAYS = 10
const PARTITIONED = [
  'salesforce_webhook_events',
  'webhook_deliveries',
  'webhook_delivery_attempts',
] as const

let conveyor: TestConveyor
beforeAll(async () => {
  conveyor = await startTestConveyor({ environment: { SALESFORCE_RETENTION_DAYS: '7' } })
  await conveyor.startWorker()
})
afterAll(() => conveyor.stop())

const run = (query: ReturnType<typeof sql.fragment>) =>
  conveyor.pool.query(sql.type(row<never>())`${query}`)

const names = () =>
  conveyor.pool.anyFirst(sql.type(row<{ name: string }>())`
    select relname as name from pg_class where relispartition and relkind = 'r'
      and relnamespace = current_schema()::regnamespace order by 1`)

const nameOf = (table: string, day: Date) =>
  `${table}_${day.toISOString().slice(0, 10).replaceAll('-', '')}`

/** The partitions of a day that has passed, as if they had been made in time. */
async function makeOldDay(): Promise<readonly string[]> {
  const day = new Date(Date.now() - OLD_DAYS * 86_400_000)
  const from = day.toISOString().slice(0, 10)
  const to = new Date(day.getTime() + 86_400_000).toISOString().slice(0, 10)
  for (const table of PARTITIONED) {
    await run(sql.fragment`
      create table ${sql.identifier([nameOf(table, day)])} partition of ${sql.identifier([table])}
      for values from (${sql.literalValue(`${from} 00:00+00`)}) to (${sql.literalValue(`${to} 00:00+00`)})`)
  }
  return PARTITIONED.map((table) => nameOf(table, day))
}

test('days past their time go, with what was held for nobody; what is younger stays', async () => {
  const old = await makeOldDay()
  const secondsAgo = OLD_DAYS * 86_400
  await run(sql.fragment`
    insert into salesforce_webhook_subscriptions (subscription_id, workspace_id, object_type, events, callback_url,
      secret, shard, paused_at)
    values ('webhook_paused', 'default', 'Account', '["*"]', 'https://example.com/', '', 0, now())`)
  for (const [index, age] of [secondsAgo, 3 * 86_400].entries()) {
    const event =
      index === 0 ? await addEvent(conveyor.pool, { secondsAgo: age }) : { eventId: 'evt_young' }
    await run(sql.fragment`
      insert into webhook_deliveries (delivery_id, workspace_id, subscription_id, event_id, event_created_at,
        event_type, object_id, origin)
      values (${`dlv_${index}`}, 'default', 'webhook_paused', ${event.eventId},
        now() - ${age} * interval '1 second', 'Account.updated', '1', 'replay')`)
    await run(sql.fragment`
      insert into webhook_delivery_queue (delivery_id, delivery_created_at, workspace_id, subscription_id, shard,
        event_id, event_created_at)
      select delivery_id, created_at, workspace_id, subscription_id, 0, event_id, event_created_at
      from webhook_deliveries where delivery_id = ${`dlv_${index}`}`)
  }
  await run(sql.fragment`
    insert into webhook_dedupe_keys (connection_id, delivery_key, workspace_id, received_at)
    values ('default', '\\x01', 'default', now() - interval '31 days'),
      ('default', '\\x02', 'default', now() - interval '29 days')`)
  await run(sql.fragment`
    insert into salesforce_webhook_activity_log (workspace_id, activity_type, created_at)
    values ('default', 'old', now() - interval '366 days'), ('default', 'young', now() - interval '364 days')`)
  await run(sql.fragment`
    insert into salesforce_realtime_analytics (workspace_id, metric_type, created_at)
    values ('default', 'old', now() - interval '91 days'), ('default', 'young', now() - interval '89 days')`)
  for (const [replayId, days] of [
    ['rpl_old', 8],
    ['rpl_young', 6],
  ] as const) {
    await run(sql.fragment`
      insert into webhook_replays (replay_id, workspace_id, kind, subscription_id, since, until, state, ended_at)
      values (${replayId}, 'default', 'failed', 'webhook_paused', now(), now(), 'completed',
        now() - ${days} * interval '1 day')`)
    await run(sql.fragment`
      insert into workflow_starts (workflow_id, workspace_id, kind, subject_id, started_at)
      values (${replayId}, 'default', 'replay', ${replayId}, now())`)
  }
  expect(await names()).toEqual(expect.arrayContaining([...old]))
  const kept = (await names()).length - old.length

  await conveyor.temporal.client.schedule
    .getHandle(retentionScheduleId(conveyor.installationId))
    .trigger()
  const textsOf = (column: string, table: string) =>
    conveyor.pool.anyFirst(sql.type(row<{ text: string }>())`
      select ${sql.identifier([column])}::text as text from ${sql.identifier([table])} order by 1`)
  await until(
    async () => !(await textsOf('subject_id', 'workflow_starts')).includes('rpl_old'),
    60_000,
    'the end of retention',
  )

  const left = await names()
  expect(left).toHaveLength(kept)
  for (const name of old) expect(left).not.toContain(name)
  expect(await textsOf('delivery_id', 'webhook_delivery_queue')).toEqual(['dlv_1'])
  const states = await conveyor.pool.anyFirst(sql.type(row<{ state: string }>())`
    select state from webhook_deliveries order by delivery_id`)
  expect(states).toEqual(['cancelled', 'pending'])
  expect(await textsOf('delivery_key', 'webhook_dedupe_keys')).toEqual(['\\x02'])
  expect(await textsOf('activity_type', 'salesforce_webhook_activity_log')).toEqual(['young'])
  expect(await textsOf('metric_type', 'salesforce_realtime_analytics')).toEqual(['young'])
  expect(await textsOf('replay_id', 'webhook_replays')).toEqual(['rpl_young'])
})

test('a process that starts finds days to write to', async () => {
  const lastDay = new Date(Date.now() + 14 * 86_400_000)
  const lost = nameOf('webhook_deliveries', lastDay)
  await run(sql.fragment`drop table ${sql.identifier([lost])}`)
  await conveyor.startApi()
  expect(await names()).toContain(lost)
})
