import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { announceJobChanges } from '../../activities/notification/announce-job-changes.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { row } from '../../db/row-type.ts'
import { createSealing } from '../../security/sealing.ts'
import { startFakeDiscord } from '../setup/fake-discord.ts'
import type { FakePlatform } from '../setup/fake-platform.ts'
import { startFakeSlack } from '../setup/fake-slack.ts'
import { until } from '../setup/simulator.ts'
import { type NotifyConveyor, startNotifyConveyor } from './notify-conveyor.ts'

let slack: FakePlatform
let discord: FakePlatform
let notify: NotifyConveyor
beforeAll(async () => {
  slack = await startFakeSlack()
  discord = await startFakeDiscord()
  notify = await startNotifyConveyor(
    { window: 1, longest: 2 },
    {
      SALESFORCE_SLACK_WEBHOOK_URL: slack.urlOf('environment'),
      SALESFORCE_DISCORD_WEBHOOK_URL: discord.urlOf('environment'),
    },
  )
})
afterAll(async () => {
  await notify?.stop()
  await slack?.close()
  await discord?.close()
})

interface AnnouncedRow {
  readonly type: string
  readonly id: string
  readonly source: string
  readonly payload: { readonly record: Readonly<Record<string, unknown>> }
}

function announced(jobId: string): Promise<readonly AnnouncedRow[]> {
  return notify.conveyor.pool.any(sql.type(row<AnnouncedRow>())`
    select event_type as type, object_id as id, source, payload
    from salesforce_webhook_events where object_id = ${jobId} order by created_at, event_id`)
}

test('each change of a job is one event, whoever and however many look', async () => {
  const own = notify.database.workspace(DEFAULT_WORKSPACE_ID)
  const sealing = createSealing([])
  const jobId = await notify.conveyor.stage(
    { columns: ['Name'], rows: [['Acme'], ['Globex']] },
    { start: false },
  )
  const jobs = createBulkJobQueries(notify.conveyor.pool)
  await jobs.setInProgress(jobId)
  await jobs.setBlocked(jobId, 'quota_exhausted', 'no calls left')
  expect(await notify.database.system.listWorkspacesToAnnounce(10)).toEqual([DEFAULT_WORKSPACE_ID])
  const both = await Promise.all([1, 2].map(() => announceJobChanges(own, sealing, 100)))
  expect(both.sort()).toEqual([0, 1])
  await jobs.setInProgress(jobId)
  await jobs.finish(jobId, 'Failed', null)
  expect(await announceJobChanges(own, sealing, 100)).toBe(1)
  expect(await announceJobChanges(own, sealing, 100)).toBe(0)
  expect(await notify.database.system.listWorkspacesToAnnounce(10)).toEqual([])
  expect(await announced(jobId)).toMatchObject([
    {
      ...{ type: 'bulk_job.blocked', source: 'conveyor' },
      payload: { record: { job_id: jobId, state: 'Blocked', reason: 'quota_exhausted' } },
    },
    {
      type: 'bulk_job.failed',
      payload: {
        record: {
          ...{ job_id: jobId, object: 'Account', operation: 'insert', state: 'Failed' },
          counts: { total: 2, success: 0, failed: 0, unprocessed: 0, unknown: 0 },
        },
      },
    },
  ])
})

test('the environment’s channels are told of jobs, with a rule that is theirs to change', async () => {
  await notify.conveyor.startWorker()
  const channels = await notify.conveyor.pool.any(sql.type(
    row<{ kind: string; hint: string; url: Buffer | null; rule: string }>(),
  )`
    select kind, url_hint as hint, url, r.events::text as rule
    from notification_channels c join notification_rules r on r.channel_id = c.channel_id order by kind`)
  const rule = '["*", "bulk_job.*", "endpoint.*", "channel.*"]'
  expect(channels).toMatchObject([
    { kind: 'discord', url: null, rule },
    { kind: 'slack', url: null, rule },
  ])
  expect(channels[1]?.hint).toMatch(/^127\.0\.0\.1:\d+\/…ment$/)

  const jobId = await notify.conveyor.stage({ columns: ['Name'], rows: [['Acme'], ['']] })
  await notify.conveyor.waitForEnd(jobId)
  const name = 'environment'
  for (const platform of [slack, discord]) {
    await until(
      async () => platform.taken(name).some(({ text }) => text.includes('1 failed')),
      60_000,
    )
    const texts = platform.taken(name).map(({ text }) => text.replaceAll('\\', ''))
    expect(texts.join()).toContain('Bulk job completed with errors')
    expect(texts.join()).toContain('insert Account, 2 rows: 1 succeeded, 1 failed')
    expect(texts.join()).toContain(jobId)
    expect(texts.join()).not.toContain('Acme')
  }
  expect([...slack.violations, ...discord.violations]).toEqual([])
})

// Beside the workers of before: what counts is how the last one that started was set up.
test('what the environment names no more is disabled, and comes back with it', async () => {
  const state = () =>
    notify.conveyor.pool.any(sql.type(row<{ kind: string; by: string | null; rules: number }>())`
      select kind, disabled_by as by, (select count(*) from notification_rules r
        where r.channel_id = c.channel_id) as rules
      from notification_channels c order by kind`)
  await notify.conveyor.pool.query(sql.type(row<never>())`
    delete from notification_rules where channel_id = 'channel_environment_slack'`)
  await notify.conveyor.startWorker({
    SALESFORCE_ENABLE_WEBHOOK_NOTIFICATIONS: 'false',
  })
  expect(await state()).toEqual([
    { kind: 'discord', by: 'environment', rules: 1 },
    { kind: 'slack', by: 'environment', rules: 0 },
  ])
  await notify.conveyor.startWorker()
  expect(await state()).toEqual([
    { kind: 'discord', by: null, rules: 1 },
    // Deleted by a person: it stays so.
    { kind: 'slack', by: null, rules: 0 },
  ])
})
