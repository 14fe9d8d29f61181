import { setTimeout as sleep } from 'node:timers/promises'
import { ScheduleNotFoundError } from '@temporalio/client'
import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fieldFixture } from '../../bulk/describe-fixture.ts'
import type { RefreshProgress } from '../../contracts/metadata.ts'
import { taskQueue } from '../../contracts/task-queues.ts'
import { DEFAULT_CONNECTION_ID } from '../../contracts/tenancy.ts'
import { metadataScheduleId } from '../../contracts/workflow-ids.ts'
import { createDescribeCacheQueries } from '../../db/describe-cache.ts'
import { createMetadataChangeQueries } from '../../db/metadata-changes.ts'
import { createMetadataRefreshQueries } from '../../db/metadata-refreshes.ts'
import { createObjectCatalogueQueries } from '../../db/object-catalogue.ts'
import { row } from '../../db/row-type.ts'
import { callJson } from '../connections/authorize.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'
import { OF_DEFAULT, summaryFixture } from './metadata-setup.ts'

let conveyor: TestConveyor
let apiUrl: string
beforeAll(async () => {
  conveyor = await startTestConveyor({ environment: { CONVEYOR_METADATA_REFRESH: 'true' } })
  const api = await conveyor.startApi()
  apiUrl = api.url
})
afterAll(() => conveyor.stop())

const refreshes = () => createMetadataRefreshQueries(conveyor.pool)
const schedule = () =>
  conveyor.temporal.schedules.getHandle(
    metadataScheduleId(conveyor.installationId, DEFAULT_CONNECTION_ID),
  )

async function objects() {
  const names = await createObjectCatalogueQueries(conveyor.pool).listToDescribe(
    ...([DEFAULT_CONNECTION_ID, null, 100] as const),
  )
  return { names }
}

async function refresh() {
  const found = await refreshes().get(DEFAULT_CONNECTION_ID)
  if (found === null) throw new Error('There is no refresh yet.')
  return found
}

/** Asks for a refresh and waits for its end. */
async function refreshNow(): Promise<Awaited<ReturnType<typeof refresh>>> {
  const before = (await refresh()).startedAt?.getTime() ?? 0
  const path = `/v1/connections/${DEFAULT_CONNECTION_ID}/metadata/refresh`
  const { status } = await callJson('POST', apiUrl + path)
  expect(status).toBe(202)
  await until(
    async () => {
      const { startedAt, state } = await refresh()
      return (startedAt?.getTime() ?? 0) > before && state !== 'running'
    },
    30_000,
    'the end of the refresh',
  )
  // The Schedule takes its run for one that runs until the workflow has ended too.
  await until(
    async () => (await schedule().describe()).info.runningActions.length === 0,
    15_000,
    'the end of the run',
  )
  return refresh()
}

async function define(path: string, body: unknown): Promise<void> {
  const answer = await callJson('POST', `${conveyor.org.url}/__simulator/objects${path}`, body)
  expect(answer.status).toBe(201)
  // Salesforce tells times of change by the second.
  await sleep(1_100)
}

/** `metadata.*` events with what they are about, in the order in which they were told. */
async function told(): Promise<string[]> {
  const events = await conveyor.pool.any(sql.type(
    row<{ type: string; subject: string; name: string; reason: string }>(),
  )`
    select event_type as type, object_id as subject, payload #>> '{record,name}' as name,
      payload #>> '{record,reason}' as reason
    from salesforce_webhook_events where event_type like 'metadata.%' order by created_at, event_id`)
  return events.map(({ type, name, reason }) => `${type} ${name}: ${reason}`)
}

test('a connection gets a Schedule that runs at once, and whose first look tells of nothing', async () => {
  await define('', { name: 'Invoice', fields: [{ type: 'text', name: 'Number' }] })
  // Kept before there was any look, and different since.
  await createDescribeCacheQueries(conveyor.pool).put({
    ...{ ...OF_DEFAULT, objectType: 'Contact', lastModified: null, ttlSeconds: 60 },
    describe: { ...summaryFixture('Contact'), fields: [], childRelationships: [] },
  })
  await conveyor.startWorker()
  await until(
    async () => (await refreshes().get(DEFAULT_CONNECTION_ID))?.state === 'completed',
    30_000,
    'the first refresh',
  )
  const first = await refresh()
  expect(first.baselineAt).toEqual(first.endedAt)
  expect(first.changes).toBe(0)
  expect(first.objectsDone).toBe(first.objectsTotal)
  // The list, the custom objects and the one that was kept.
  expect(first.calls).toBe(first.objectsTotal + 1)
  const cache = createDescribeCacheQueries(conveyor.pool)
  const invoice = await cache.find(DEFAULT_CONNECTION_ID, 'Invoice__c')
  expect(invoice?.describe?.fields.map(({ name }) => name)).toContain('Number__c')
  expect(
    (await cache.find(DEFAULT_CONNECTION_ID, 'Contact'))?.describe?.fields.length,
  ).toBeGreaterThan(10)
  expect(await cache.find(DEFAULT_CONNECTION_ID, 'Lead')).toBeNull()
  expect(await told()).toEqual([])
  const { spec, policies, action } = await schedule().describe()
  expect(spec.intervals?.[0]?.every).toBe(86_400_000)
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 86_400_000 })
  expect(action).toMatchObject({ workflowType: 'refreshMetadata' })
})

test('what is as it was costs an empty answer each, and is told by nobody', async () => {
  const before = (await conveyor.org.calls()).length
  const again = await refreshNow()
  expect(again).toMatchObject({ state: 'completed', changes: 0 })
  const calls = (await conveyor.org.calls()).slice(before)
  expect(calls.filter(({ status }) => status === 304)).toHaveLength(again.calls)
})

test('new objects and fields, and those that are gone, are changes and events', async () => {
  const cache = createDescribeCacheQueries(conveyor.pool)
  const kept = await cache.find(DEFAULT_CONNECTION_ID, 'Invoice__c')
  if (kept?.describe == null) throw new Error('Invoice__c was not kept.')
  // The simulated org removes nothing, so that it was there is made up here.
  const { fields } = kept.describe
  await cache.put({
    ...{ ...OF_DEFAULT, objectType: 'Invoice__c', lastModified: null, ttlSeconds: 60 },
    describe: {
      ...kept.describe,
      fields: [
        ...fields.map((field) =>
          field.name === 'Number__c' ? { ...field, type: 'double' } : field,
        ),
        fieldFixture('Gone__c'),
      ],
    },
  })
  await conveyor.pool.query(sql.type(row<never>())`
    insert into object_catalogue (connection_id, workspace_id, name, label, label_plural, custom, createable,
      updateable, deletable, queryable, retrieveable)
    values (${DEFAULT_CONNECTION_ID}, 'default', 'Lost__c', 'Lost', 'Lost', true, true, true, true, true, true)`)
  await define('', {
    name: 'Receipt',
    label: 'Receipt',
    fields: [{ type: 'text', name: 'Number' }],
  })
  await define('/Invoice__c/fields', { type: 'date', name: 'Due' })
  await define('/Contact/fields', { type: 'picklist', name: 'Tier', values: ['Gold', 'Silver'] })
  const found = await refreshNow()
  expect(found).toMatchObject({ state: 'completed', changes: 6 })
  expect([...(await told())].sort()).toEqual([
    'metadata.field_added Contact.Tier__c: picklist',
    'metadata.field_added Invoice__c.Due__c: date',
    'metadata.field_removed Invoice__c.Gone__c: string',
    'metadata.field_type_changed Invoice__c.Number__c: double → string',
    'metadata.object_added Receipt__c: Receipt',
    'metadata.object_removed Lost__c: Lost',
  ])
  const changes = await createMetadataChangeQueries(conveyor.pool).list({}, 100, null)
  expect(changes).toHaveLength(6)
  // A look that finds nothing new tells nothing again.
  expect((await refreshNow()).changes).toBe(0)
  expect(await told()).toHaveLength(6)
})

test('an event reaches the log as any other', async () => {
  await until(
    async () => {
      const { body } = await callJson('GET', `${apiUrl}/v1/events?event_type=metadata.object_added`)
      const events = body['events'] as { state: string; object_id: string }[] | undefined
      return events?.[0]?.state === 'processed' && events[0].object_id === 'Receipt__c'
    },
    15_000,
    'the event',
  )
})

describe('a second run', () => {
  test('does nothing while another one holds the connection, and goes on where that broke off', async () => {
    const run = (workflowId: string) =>
      conveyor.temporal.client.workflow.execute('refreshMetadata', {
        ...{ workflowId, args: [OF_DEFAULT] },
        taskQueue: taskQueue(conveyor.installationId, 'conveyor'),
      }) as Promise<RefreshProgress>
    const { begin, setListed, advance } = refreshes()
    await begin(DEFAULT_CONNECTION_ID, 'another', 60)
    await setListed(DEFAULT_CONNECTION_ID, 'another', { objectsTotal: 3, calls: 1, changes: 0 })
    await advance(DEFAULT_CONNECTION_ID, 'another', {
      ...{ reached: 'Contact', objects: 1, calls: 1, changes: 0 },
    })
    expect((await run('second')).state).toBe('skipped')
    expect(await refresh()).toMatchObject({ holder: 'another', state: 'running' })
    await conveyor.pool.query(sql.type(row<never>())`
      update metadata_refreshes set lease_until = now() - interval '1 second'`)
    const done = await run('third')
    expect(done).toMatchObject({ state: 'completed', reached: 'Receipt__c' })
    // Those after Contact, and not the list again.
    const { names } = await objects()
    const after = names.filter((name) => name > 'Contact').length
    expect(done).toMatchObject({ objectsDone: 1 + after, calls: 2 + after })
    // Whoever was too late writes nothing any more.
    expect(
      await advance(DEFAULT_CONNECTION_ID, 'another', {
        ...{ reached: 'Lead', objects: 1, calls: 1, changes: 0 },
      }),
    ).toBe(false)
  })

  test('goes on after Salesforce was away, and passes over what cannot be described', async () => {
    await conveyor.org.addFault({
      match: { call: 'describeGlobal' },
      // The client asks three times before it gives up.
      times: 4,
      action: { type: 'status', status: 503 },
    })
    await conveyor.org.addFault({
      match: { call: 'describe' },
      times: 1,
      action: { type: 'status', status: 403, errorCode: 'INSUFFICIENT_ACCESS' },
    })
    const found = await refreshNow()
    expect(found).toMatchObject({ state: 'completed', objectsDone: found.objectsTotal })
    // What was known of it stays.
    expect(await refreshNow()).toMatchObject({ state: 'completed', changes: 0 })
  })

  test('ends and says why where Salesforce does not let us in', async () => {
    await conveyor.org.addFault({
      match: { call: 'token' },
      times: 'always',
      action: { type: 'status', status: 400, errorCode: 'invalid_grant' },
    })
    await conveyor.org.expireSessions()
    const failed = await refreshNow()
    expect(failed.state).toBe('failed')
    expect(failed.error).toContain('invalid_grant')
    await conveyor.org.clearFaults()
    expect((await refreshNow()).state).toBe('completed')
  })

  test('keeps the last calls of the day for jobs', async () => {
    await conveyor.org.set({ apiUsed: 950, apiMax: 1_000 })
    const stopped = await refreshNow()
    expect(stopped.state).toBe('stopped')
    expect(stopped.error).toContain('Few API calls')
    await conveyor.org.set({ apiUsed: 10 })
    // Where it stopped it goes on; the connection's figure is of the last answer.
  })
})

test('the Schedule goes with the connection', async () => {
  await conveyor.pool.query(sql.type(row<never>())`
    update connections set revoked_at = now() where connection_id = ${DEFAULT_CONNECTION_ID}`)
  await until(
    async () => (await refresh()).scheduledSeconds === null,
    20_000,
    'the end of the Schedule',
  )
  await expect(schedule().describe()).rejects.toThrow(ScheduleNotFoundError)
})
