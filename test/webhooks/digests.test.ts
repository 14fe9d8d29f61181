import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { queueNotifications } from '../../activities/notification/queue-notifications.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { notificationWorkflowId } from '../../contracts/workflow-ids.ts'
import { createNotificationChannelQueries } from '../../db/notification-channels.ts'
import { row } from '../../db/row-type.ts'
import type { Child } from '../../dev/stack/child-process.ts'
import { startFakeDiscord } from '../setup/fake-discord.ts'
import type { FakePlatform } from '../setup/fake-platform.ts'
import { startFakeSlack } from '../setup/fake-slack.ts'
import { until } from '../setup/simulator.ts'
import {
  eventsFor,
  type MessageFacts,
  type NotifyConveyor,
  startNotifyConveyor,
} from './notify-conveyor.ts'

/** A minute is four seconds here. */
const WINDOW_MS = 2_000
const LONGEST_MS = 4_000
/** Long enough that what is told before its end did not wait for it, however slow the machine. */
const HOUR_MS = 3_600_000
/** What comes true by itself may take its time on a busy machine. */
const PATIENCE_MS = 90_000
const LINK = 'https://conveyor.example.com/v1/'

let slack: FakePlatform
let discord: FakePlatform
let notify: NotifyConveyor
let worker: Child
beforeAll(async () => {
  slack = await startFakeSlack()
  discord = await startFakeDiscord()
  notify = await startNotifyConveyor({ window: WINDOW_MS / 1_000, longest: LONGEST_MS / 1_000 })
  worker = await notify.conveyor.startWorker()
})
afterAll(async () => {
  await notify?.stop()
  await slack?.close()
  await discord?.close()
})

const platforms = [
  ['slack', () => slack],
  ['discord', () => discord],
] as const

const total = (platform: FakePlatform, name: string) =>
  platform.taken(name).reduce((sum, { events }) => sum + events, 0)

function untilTold(platform: FakePlatform, name: string, events: number) {
  return until(async () => total(platform, name) >= events, PATIENCE_MS, `${events} events told`)
}

/** The platform has a message before its row says so. */
async function settled(channelId: string, count: number): Promise<readonly MessageFacts[]> {
  let messages: readonly MessageFacts[] = []
  await until(
    async () => {
      messages = await notify.messages(channelId)
      return messages.length >= count && messages.every(({ state }) => state !== 'pending')
    },
    PATIENCE_MS,
    `${count} settled messages`,
  )
  return messages
}

function msFrom(earlier: Date, later: Date | null | undefined): number {
  return (later?.getTime() ?? 0) - earlier.getTime()
}

/** Timers that the channel's workflow began before it sent its first message. */
async function timersBeforeFirst(channelId: string): Promise<number> {
  const workflowId = notificationWorkflowId(notify.conveyor.installationId, channelId)
  const handle = notify.conveyor.temporal.client.workflow.getHandle(workflowId)
  const events = (await handle.fetchHistory()).events ?? []
  const sent = events.findIndex(
    (event) =>
      event.activityTaskScheduledEventAttributes?.activityType?.name === 'sendNotification',
  )
  expect(sent).toBeGreaterThan(0)
  return events.slice(0, sent).filter((event) => event.timerStartedEventAttributes).length
}

test.concurrent('what was lost on the way to Temporal is found', async () => {
  const channelId = await notify.addChannel('slack', slack.urlOf('lost'))
  // As by a process that died between its commit and the trigger.
  await notify.database
    .workspace(DEFAULT_WORKSPACE_ID)
    .transaction((transaction) =>
      queueNotifications(transaction, DEFAULT_WORKSPACE_ID, eventsFor(channelId, 2)),
    )
  await notify.conveyor.pool.query(sql.type(row<never>())`
    update notification_items set queued_at = now() - interval '10 minutes' where channel_id = ${channelId}`)
  await untilTold(slack, 'lost', 2)
})

describe.concurrent.each(platforms)('%s', (kind, platformOf) => {
  const refusal = { status: 400, body: kind === 'slack' ? 'invalid_blocks' : '{"code": 50035}' }

  test('5,000 in a minute: a few messages count all of them', async () => {
    const platform = platformOf()
    const channelId = await notify.addChannel(kind, platform.urlOf('flood'))
    const events = eventsFor(channelId, 5_000)
    for (let at = 0; at < events.length; at += 100) {
      const began = Date.now()
      await notify.queue(events.slice(at, at + 100))
      await sleep(Math.max(0, LONGEST_MS / 50 - (Date.now() - began)))
    }
    // Those that are queued once more, as by a pump that does its work again, are not told again.
    expect(await notify.queue(events.slice(0, 100))).toEqual([])
    await untilTold(platform, 'flood', 5_000)
    const messages = await settled(channelId, 2)
    expect(total(platform, 'flood')).toBe(5_000)
    // Each message makes the window longer, unless nothing came in the last one. None of these ends early.
    let windowMs = 0
    for (const [index, { cause, createdAt }] of messages.entries()) {
      windowMs = cause === 'event' ? WINDOW_MS : Math.min(LONGEST_MS, windowMs * 1.5)
      const next = messages[index + 1]
      if (next === undefined) break
      expect(msFrom(createdAt, next.attemptedAt)).toBeGreaterThanOrEqual(windowMs)
    }
    expect(platform.taken('flood').some(({ text }) => text.includes(LINK))).toBe(true)
    const waiting = await notify.conveyor.pool.oneFirst(sql.type(row<{ n: number }>())`
      select count(*) as n from notification_items where channel_id = ${channelId} and message_id is null`)
    expect(waiting).toBe(0)
  })

  test('a passing failure is repeated, and its message is the only one', async () => {
    const platform = platformOf()
    const channelId = await notify.addChannel(kind, platform.urlOf('passing'))
    const seen = Promise.withResolvers<void>()
    platform.script(
      'passing',
      { status: 500, body: 'rollup_error' },
      // The repetition gets its answer once the failure was seen.
      { status: 200, body: 'ok', after: seen.promise },
    )
    await notify.queue(eventsFor(channelId, 1))
    await until(
      async () => (await notify.messages(channelId))[0]?.error === 'http_status',
      PATIENCE_MS,
      'the failure',
    )
    // What comes meanwhile waits for it.
    await notify.queue(eventsFor(channelId, 3))
    seen.resolve()
    await untilTold(platform, 'passing', 4)
    expect(platform.taken('passing').map(({ events }) => events)).toEqual([1, 3])
    expect(await settled(channelId, 2)).toMatchObject([
      { state: 'sent', attempts: 2, error: null },
      { state: 'sent', attempts: 1 },
    ])
  })

  test('a form that is refused goes as plain text', async () => {
    const platform = platformOf()
    const channelId = await notify.addChannel(kind, platform.urlOf('plain'))
    platform.script('plain', refusal)
    await notify.queue(eventsFor(channelId, 2))
    await untilTold(platform, 'plain', 2)
    expect(platform.taken('plain')).toMatchObject([{ events: 2, isPlain: true }])
    expect(await settled(channelId, 1)).toMatchObject([{ state: 'sent', attempts: 2, plain: true }])
  })

  test('a form that is refused as plain text too is given up; the channel goes on', async () => {
    const platform = platformOf()
    const channelId = await notify.addChannel(kind, platform.urlOf('refused'))
    platform.script('refused', refusal, refusal)
    await notify.queue(eventsFor(channelId, 1))
    await settled(channelId, 1)
    expect(platform.requests('refused')).toBe(2)
    // The channel is not to blame.
    await notify.queue(eventsFor(channelId, 1))
    await untilTold(platform, 'refused', 1)
    expect(await settled(channelId, 2)).toMatchObject([
      { state: 'failed', attempts: 2, plain: true, error: 'http_status' },
      { state: 'sent', plain: false },
    ])
  })

  test('a platform that asks to wait is not asked before', async () => {
    const platform = platformOf()
    const channelId = await notify.addChannel(kind, platform.urlOf('wait'))
    platform.script('wait', {
      ...{ status: 429, headers: { 'retry-after': '3' } },
      body: kind === 'slack' ? 'rate_limited' : '{"retry_after": 2.5, "global": false}',
    })
    const began = Date.now()
    await notify.queue(eventsFor(channelId, 2))
    await untilTold(platform, 'wait', 2)
    const waited = (platform.taken('wait')[0]?.at ?? 0) - began
    expect(waited).toBeGreaterThanOrEqual(kind === 'slack' ? 3_000 : 2_500)
    expect(platform.requests('wait')).toBe(2)
  })

  test('one event is told at once', async () => {
    const platform = platformOf()
    const channelId = await notify.addChannel(kind, platform.urlOf('one'))
    expect(await notify.queue(eventsFor(channelId, 1))).toEqual([channelId])
    await untilTold(platform, 'one', 1)
    expect(await timersBeforeFirst(channelId)).toBe(0)
    const [message] = platform.taken('one')
    expect(message?.text).toContain('001xx000003DGb2AAG')
    expect(message?.text).not.toContain('a record that no notice tells of')
    expect(await settled(channelId, 1)).toMatchObject([
      {
        ...{ cause: 'event', state: 'sent', items: 1, attempts: 1, plain: false, error: null },
        platformId: kind === 'discord' ? '1000000' : null,
      },
    ])
  })

  test.each([19, 20])('%i: the first at once, the others when the window ends', async (count) => {
    const platform = platformOf()
    const name = `n${count}`
    const channelId = await notify.addChannel(kind, platform.urlOf(name))
    await notify.queue(eventsFor(channelId, 1))
    await untilTold(platform, name, 1)
    const beganAt = await notify.queueInWindow(eventsFor(channelId, count - 1), WINDOW_MS)
    await untilTold(platform, name, count)
    expect(platform.taken(name).map(({ events }) => events)).toEqual([1, count - 1])
    const [, second] = await settled(channelId, 2)
    expect(second).toMatchObject({ cause: 'digest', items: count - 1 })
    expect(msFrom(beganAt, second?.attemptedAt)).toBeGreaterThanOrEqual(WINDOW_MS)
  })

  test('21: twenty that gather end the window early', async () => {
    const platform = platformOf()
    const channelId = await notify.addChannel(kind, platform.urlOf('n21'))
    await notify.queue(eventsFor(channelId, 1))
    await untilTold(platform, 'n21', 1)
    await notify.queueInWindow(eventsFor(channelId, 20), HOUR_MS)
    await untilTold(platform, 'n21', 21)
    expect(platform.taken('n21').map(({ events }) => events)).toEqual([1, 20])
    expect((await settled(channelId, 2))[1]).toMatchObject({ cause: 'digest', items: 20 })
  })

  const terminal = kind === 'slack' ? [403, 404, 410] : [401, 403, 404]
  test.each(terminal)('%i: the channel is disabled, and that is told', async (status) => {
    const platform = platformOf()
    const name = `gone${status}`
    const channelId = await notify.addChannel(kind, platform.urlOf(name))
    platform.script(name, {
      status,
      body:
        kind === 'slack' ? 'channel_is_archived' : '{"message": "Unknown Webhook", "code": 10015}',
    })
    await notify.queue(eventsFor(channelId, 3))
    const channels = createNotificationChannelQueries(notify.conveyor.pool)
    await until(
      async () => (await channels.find(channelId))?.disabledAt instanceof Date,
      PATIENCE_MS,
    )
    expect(await channels.find(channelId)).toMatchObject({
      disabledBy: 'answer',
      stateReason:
        kind === 'slack'
          ? `Slack refuses it: ${status} channel_is_archived`
          : `Discord refuses it: ${status} Unknown Webhook (10015)`,
    })
    expect(await notify.messages(channelId)).toMatchObject([{ state: 'failed', attempts: 1 }])
    // One event, which waits for its pump or has been through it.
    const told = await notify.conveyor.pool.any(sql.type(row<{ source: string; known: boolean }>())`
      select source, processed or exists (
        select from webhook_event_queue q where q.event_id = e.event_id) as known
      from salesforce_webhook_events e
      where event_type = 'channel.disabled' and object_id = ${channelId}`)
    expect(told).toEqual([{ source: 'conveyor', known: true }])
    const logged = await notify.conveyor.pool.anyFirst(sql.type(row<{ n: string }>())`
      select activity_type from salesforce_webhook_activity_log
      where details->>'channel_id' = ${channelId}`)
    expect(logged).toEqual(['channel.disabled'])
    // Nothing more goes there.
    expect(await notify.queue(eventsFor(channelId, 1))).toEqual([])
    expect(platform.requests(name)).toBe(1)
  })
})

test('no limit was broken, and no URL is in the log or in Temporal', async () => {
  expect(slack.violations).toEqual([])
  expect(discord.violations).toEqual([])
  const flood = await notify.conveyor.pool.oneFirst(sql.type(row<{ id: string }>())`
    select channel_id from notification_messages where item_count > 1000 limit 1`)
  const { client } = notify.conveyor.temporal
  const workflowId = notificationWorkflowId(notify.conveyor.installationId, flood)
  const history = JSON.stringify(await client.workflow.getHandle(workflowId).fetchHistory())
  const decoded = history.replaceAll(/"data":"([^"]+)"/g, (_, data: string) =>
    Buffer.from(data, 'base64').toString(),
  )
  for (const text of [worker.output(), decoded]) {
    expect(text).not.toMatch(/127\.0\.0\.1:\d+\/(services|api\/webhooks)/)
    expect(text).not.toContain('T000')
    expect(text).not.toContain('webhooks/123456')
  }
  expect(worker.output()).toContain('notice not sent')
})
