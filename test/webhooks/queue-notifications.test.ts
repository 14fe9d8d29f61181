import { randomUUID } from 'node:crypto'
import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type NotifiableEvent,
  queueNotifications,
} from '../../activities/notification/queue-notifications.ts'
import { type Database, openDatabase } from '../../db/database.ts'
import { createNotificationChannelQueries } from '../../db/notification-channels.ts'
import {
  createNotificationRuleQueries,
  type NewNotificationRule,
} from '../../db/notification-rules.ts'
import { row } from '../../db/row-type.ts'
import { createTestDatabase, type TestDatabase } from '../setup/database.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'

let owner: TestDatabase
let database: Database
beforeAll(async () => {
  owner = await createTestDatabase()
  database = await openDatabase({ url: owner.databaseUrl, poolSize: 3, onError: () => {} })
})
afterAll(async () => {
  await database.end()
  await owner.drop()
})

/** A workspace of its own, with a channel for each list of rules. */
async function workspaceWith(
  ...channels: readonly (readonly Partial<NewNotificationRule>[])[]
): Promise<{ readonly workspaceId: string; readonly channelIds: readonly string[] }> {
  const workspaceId = `w${randomUUID()}`
  await addWorkspace(owner.pool, workspaceId)
  const channelIds: string[] = []
  for (const rules of channels) {
    const channelId = `channel_${randomUUID()}`
    channelIds.push(channelId)
    await createNotificationChannelQueries(owner.pool).insert({
      ...{ channelId, workspaceId, kind: 'slack', name: 'x', origin: 'environment', url: null },
      ...{ urlHint: '', urlDigest: null, createdBy: null },
    })
    for (const rule of rules) {
      await createNotificationRuleQueries(owner.pool).insert({
        ...{ ruleId: `rule_${randomUUID()}`, workspaceId, channelId, name: 'x', events: ['*'] },
        ...{ filter: null, minimumSeverity: 'info', createdBy: null, ...rule },
      })
    }
  }
  return { workspaceId, channelIds }
}

function event(eventType: string, facts: Partial<NotifiableEvent> = {}): NotifiableEvent {
  const [objectType = '', changeType = ''] = eventType.split('.')
  return {
    ...{ eventId: `evt_${randomUUID()}`, eventType, objectType, changeType, objectId: '001' },
    ...{ changedFields: [], occurredAt: new Date(), record: () => null, ...facts },
  }
}

function queue(workspaceId: string, ...events: readonly NotifiableEvent[]) {
  return database
    .workspace(workspaceId)
    .transaction((transaction) => queueNotifications(transaction, workspaceId, events))
}

function typesOf(channelId: string | undefined): Promise<readonly string[]> {
  return owner.pool.anyFirst(sql.type(row<{ event_type: string }>())`
    select event_type from notification_items where channel_id = ${channelId ?? ''} order by item_id`)
}

test('each channel is told what its rules ask for, in the order of events', async () => {
  const { workspaceId, channelIds } = await workspaceWith(
    [{ events: ['*'] }],
    [{ events: ['account.*', 'Bulk_Job.Failed'.toLowerCase()] }],
    [{ events: ['*.deleted'] }],
    [{ events: ['Case.updated'] }],
  )
  const [all, some, deleted, none] = channelIds
  const told = await queue(
    workspaceId,
    ...['Account.updated', 'Lead.deleted', 'bulk_job.failed', 'bulk_job.completed'].map((type) =>
      event(type),
    ),
  )
  expect([...told].sort()).toEqual([all, some, deleted].sort())
  expect(await typesOf(all)).toEqual(['Account.updated', 'Lead.deleted'])
  expect(await typesOf(some)).toEqual(['Account.updated', 'bulk_job.failed'])
  expect(await typesOf(deleted)).toEqual(['Lead.deleted'])
  expect(await typesOf(none)).toEqual([])
})

test('twice queued, or wanted by two rules, is told once', async () => {
  const { workspaceId, channelIds } = await workspaceWith([{}, { events: ['Account.*'] }])
  const one = event('Account.updated')
  expect(await queue(workspaceId, one)).toEqual(channelIds)
  expect(await queue(workspaceId, one)).toEqual([])
  expect(await typesOf(channelIds[0])).toEqual(['Account.updated'])
})

test('what matters less than the rule asks for is left out', async () => {
  const { workspaceId, channelIds } = await workspaceWith([
    { events: ['*', 'bulk_job.*'], minimumSeverity: 'warning' },
  ])
  const types = ['Account.updated', 'bulk_job.completed', 'bulk_job.blocked', 'bulk_job.failed']
  await queue(workspaceId, ...types.map((type) => event(type)))
  expect(await typesOf(channelIds[0])).toEqual(['bulk_job.blocked', 'bulk_job.failed'])
})

test('filters are heard, and the next rule of a channel where one does not want it', async () => {
  const { workspaceId, channelIds } = await workspaceWith(
    [{ filter: { changed_fields: ['Phone'] } }, { filter: { equals: { IsWon: true } } }],
    [{ filter: { changed_fields: ['Phone'], equals: { IsWon: true } } }],
  )
  await queue(
    workspaceId,
    event('A.updated', { changedFields: ['phone'] }),
    event('B.updated', { record: () => ({ IsWon: true }) }),
    event('C.updated', { changedFields: ['Name'], record: () => ({ IsWon: false }) }),
    event('D.updated', { changedFields: ['Phone'], record: () => ({ IsWon: true }) }),
  )
  expect(await typesOf(channelIds[0])).toEqual(['A.updated', 'B.updated', 'D.updated'])
  expect(await typesOf(channelIds[1])).toEqual(['D.updated'])
})

test('nothing goes to a disabled channel, nor to another workspace', async () => {
  const { workspaceId, channelIds } = await workspaceWith([{}])
  const other = await workspaceWith([{}])
  await createNotificationChannelQueries(owner.pool).disable(channelIds[0] ?? '', 'person', 'x')
  expect(await queue(workspaceId, event('Account.updated'))).toEqual([])
  expect(await typesOf(other.channelIds[0])).toEqual([])
})

test('of a record its fields’ names are kept, of our own events the figures; no contents', async () => {
  const { workspaceId, channelIds } = await workspaceWith([{ events: ['*', 'bulk_job.*'] }])
  const changedFields = ['A', 'B', 'C', 'D', 'E', 'F']
  await queue(
    workspaceId,
    event('Account.updated', { changedFields, record: () => ({ name: 'a secret' }) }),
    event('bulk_job.failed', {
      record: () => ({ object: 'Lead', counts: { total: 1 }, job_id: 'j', surprise: 'a secret' }),
    }),
  )
  const facts = await owner.pool.anyFirst(sql.type(row<{ facts: object }>())`
    select facts from notification_items where channel_id = ${channelIds[0] ?? ''} order by item_id`)
  expect(facts).toEqual([
    { changed_fields: ['A', 'B', 'C', 'D', 'E'], changed_count: 6 },
    { object: 'Lead', counts: { total: 1 } },
  ])
})

test('a batch costs two statements, whatever its size and the number of rules', async () => {
  const { workspaceId } = await workspaceWith([{}, {}, {}], [{}, {}], [{}])
  const events = Array.from({ length: 1_000 }, () => event('Account.updated'))
  let statements = 0
  await database.workspace(workspaceId).transaction(async (transaction) => {
    const counted = new Proxy(transaction, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          statements += 1
          return Reflect.apply(value, target, args)
        }
      },
    })
    expect(await queueNotifications(counted, workspaceId, events)).toHaveLength(3)
  })
  expect(statements).toBe(2)
})
