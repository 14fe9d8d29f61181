import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'slonik'
import type { ReplayProgress } from '../../contracts/replay.ts'
import type { RollupInput } from '../../contracts/rollup.ts'
import { taskQueue } from '../../contracts/task-queues.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import {
  describeObjectWorkflowId,
  listObjectsWorkflowId,
  metadataScheduleId,
  notificationWorkflowId,
  replayWorkflowId,
  rollUpWorkflowId,
} from '../../contracts/workflow-ids.ts'
import { createAnalyticsDirtyBucketQueries } from '../../db/analytics-dirty-buckets.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { row } from '../../db/row-type.ts'
import { createWebhookReplayQueries } from '../../db/webhook-replays.ts'
import { deriveSealingKey } from '../../security/sealing.ts'
import { createReEncryption } from '../../temporal/re-encryption.ts'
import { comeBackTo, decideAt, putApp } from '../connections/authorize.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { startFakeSlack } from '../setup/fake-slack.ts'
import { setup } from '../setup/global-setup.ts'
import { setup as makeRunFolder } from '../setup/run-folder.ts'
import { until } from '../setup/simulator.ts'
import { eventsFor, startNotifyConveyor } from '../webhooks/notify-conveyor.ts'
import { historyFile } from './history-file.ts'
import { MIRROR_ENVIRONMENT, mirrorHistories } from './record-mirror.ts'
import { bulkQueryHistories, runQueryHistories } from './record-queries.ts'
import { endpointHistory, pumpHistory, WEBHOOK_ENVIRONMENT } from './record-webhooks.ts'
import { REPLAY_KEY } from './replay-key.ts'

/**
 * Records one history of each workflow type and path for this release, from real runs against the
 * simulated org: `node test/replay/record-main.ts`, then `npm run format`. Histories of earlier releases
 * stay; those of this one are replaced, or of them only those whose names are given (`reEncrypt bulkJob-sealed`).
 */

/** What has to happen to a job of 400 rows in two loads before its history is worth keeping. */
type Scenario = (conveyor: TestConveyor, jobId: string) => Promise<void>

const SCENARIOS: Readonly<Record<string, { before?: BeforeStart; during?: Scenario }>> = {
  plain: {},
  'retry-round': {
    before: ({ org }) =>
      org.addFault({
        match: { call: 'bulk.close' },
        times: 'always',
        action: { type: 'row_error', rows: { everyKth: 20 }, firstTries: 1 },
      }),
  },
  'pause-resume': {
    before: slow,
    async during(conveyor, jobId) {
      await untilProcessed(conveyor, jobId)
      await wish(conveyor, jobId, 'pause')
      await conveyor.waitForState(jobId, 'Paused')
      await wish(conveyor, jobId, 'run')
    },
  },
  blocked: {
    async before({ org }) {
      await org.addFault({
        match: { call: 'token' },
        times: 'always',
        action: { type: 'status', status: 400, errorCode: 'invalid_grant' },
      })
      await org.expireSessions()
    },
    async during(conveyor, jobId) {
      await conveyor.waitForState(jobId, 'Blocked')
      await conveyor.org.clearFaults()
      await conveyor.starters.wakeBulkJob(jobId)
    },
  },
  cancelled: {
    before: slow,
    async during(conveyor, jobId) {
      await untilProcessed(conveyor, jobId)
      await wish(conveyor, jobId, 'cancel')
    },
  },
  'cancelled-in-temporal': {
    before: slow,
    async during(conveyor, jobId) {
      await untilProcessed(conveyor, jobId)
      await conveyor.temporal.client.workflow.getHandle(conveyor.workflowId(jobId)).cancel()
    },
  },
  'started-again': {
    before: slow,
    async during(conveyor, jobId) {
      await untilProcessed(conveyor, jobId)
      const handle = conveyor.temporal.client.workflow.getHandle(conveyor.workflowId(jobId))
      await handle.terminate('started again')
      await conveyor.starters.startBulkJob(await conveyor.job(jobId))
    },
  },
}

type BeforeStart = (conveyor: TestConveyor) => Promise<void>

async function slow({ org }: TestConveyor): Promise<void> {
  await org.set({ bulkRowsPerSecond: 200, internalBatchRows: 50 })
}

function untilProcessed(conveyor: TestConveyor, jobId: string): Promise<void> {
  return until(async () => (await conveyor.job(jobId)).processedRecords > 0, 30_000)
}

async function wish(conveyor: TestConveyor, jobId: string, what: 'run' | 'pause' | 'cancel') {
  await createBulkJobQueries(conveyor.pool).setWish(DEFAULT_WORKSPACE_ID, jobId, what)
  await conveyor.starters.wakeBulkJob(jobId)
}

async function recordBulkJob(
  conveyor: TestConveyor,
  scenario: string,
  recordedAs = scenario,
): Promise<void> {
  const { before, during } = SCENARIOS[scenario] ?? {}
  await before?.(conveyor)
  const rows = Array.from({ length: 400 }, (_, index) => [index === 399 ? '' : `Row ${index}`])
  const jobId = await conveyor.stage({ columns: ['Name'], rows })
  await during?.(conveyor, jobId)
  await conveyor.waitForEnd(jobId)
  await conveyor.org.clearFaults()
  await conveyor.org.set({ bulkRowsPerSecond: null, internalBatchRows: 10_000 })
  await record(conveyor, conveyor.workflowId(jobId), 'bulkJob', recordedAs)
}

async function recordDescribeObject(conveyor: TestConveyor): Promise<void> {
  await conveyor.starters.startDescribeObject({
    connectionId: DEFAULT_CONNECTION_ID,
    workspaceId: DEFAULT_WORKSPACE_ID,
    objectType: 'Contact',
  })
  const { installationId } = conveyor
  const workflowId = describeObjectWorkflowId(installationId, DEFAULT_CONNECTION_ID, 'Contact')
  await record(conveyor, workflowId, 'describeObject', null)
}

/** The list alone; a refresh that sees all; and one that Salesforce does not let in. */
async function recordMetadata(conveyor: TestConveyor): Promise<void> {
  const { installationId, org, starters } = conveyor
  const input = { connectionId: DEFAULT_CONNECTION_ID, workspaceId: DEFAULT_WORKSPACE_ID }
  await starters.startListObjects(input)
  const listId = listObjectsWorkflowId(installationId, DEFAULT_CONNECTION_ID)
  await record(conveyor, listId, 'listObjects', null)
  const refreshId = `${metadataScheduleId(installationId, DEFAULT_CONNECTION_ID)}/by-hand`
  await starters.startRefreshMetadata(input)
  await record(conveyor, refreshId, 'refreshMetadata', null)
  await org.addFault({
    match: { call: 'token' },
    times: 'always',
    action: { type: 'status', status: 400, errorCode: 'invalid_grant' },
  })
  await org.expireSessions()
  await starters.startRefreshMetadata(input)
  await record(conveyor, refreshId, 'refreshMetadata', 'failed')
  await org.clearFaults()
}

async function recordRetention(conveyor: TestConveyor): Promise<void> {
  const workflowId = `retention/${conveyor.installationId}/recorded`
  await conveyor.temporal.client.workflow.start('retention', {
    workflowId,
    taskQueue: taskQueue(conveyor.installationId, 'conveyor'),
    args: [],
  })
  await record(conveyor, workflowId, 'retention', null)
}

/** As the Schedule starts it, over some days and workspaces. */
async function recordRollup(conveyor: TestConveyor): Promise<void> {
  const workflowId = `rollup/${conveyor.installationId}/recorded`
  const input: RollupInput = { metric: 'integration', mark: { kind: 'recent', daysBefore: 3 } }
  await conveyor.temporal.client.workflow.start('rollup', {
    workflowId,
    taskQueue: taskQueue(conveyor.installationId, 'conveyor'),
    args: [input],
  })
  await record(conveyor, workflowId, 'rollup', null)
}

const CONNECTION_WORKFLOWS = [
  'exchangeAuthorizationCode',
  'testConnection',
  'revokeConnection',
] as const

/** Authorises a connection, tests it and deletes it; and one test more, which is cancelled while Salesforce is away. */
async function recordConnections(conveyor: TestConveyor): Promise<void> {
  const { url } = await conveyor.startApi()
  const { port } = new URL(url)
  const app = { clientId: 'recorded-app', clientSecret: 'recorded-secret' }
  const redirectUris = [`http://localhost:${port}/api/auth/salesforce/callback`]
  await putApp(conveyor.org.url, { ...app, redirectUris })
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(url + path, {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    // Our own answers.
    return (await response.json()) as Record<string, never>
  }
  const begun = await call('POST', '/v1/connections/authorize', {
    client_id: app.clientId,
    client_secret: app.clientSecret,
  })
  const back = await decideAt(String(begun['authorization_url']), 'allow')
  const { body: done } = await comeBackTo(url, back)
  // Our own answer.
  const { connection_id } = done['additional_info'] as { connection_id: string }
  await call('POST', `/v1/connections/${connection_id}/test`)
  await call('DELETE', `/v1/connections/${connection_id}`)
  for (const type of CONNECTION_WORKFLOWS) {
    await record(conveyor, await workflowOf(conveyor, type, 0), type, null)
  }

  await conveyor.org.addFault({
    ...{ match: { call: 'limits' }, times: 'always' },
    action: { type: 'status', status: 503 },
  })
  const testing = call('POST', '/v1/connections/default/test')
  const workflowId = await workflowOf(conveyor, 'testConnection', 1)
  await untilRetried(conveyor, workflowId)
  await conveyor.temporal.client.workflow.getHandle(workflowId).cancel()
  await testing
  await conveyor.org.clearFaults()
  await record(conveyor, workflowId, 'testConnection', 'cancelled-in-temporal')
}

/** The run of that type which began after so many others. */
async function workflowOf(conveyor: TestConveyor, type: string, after: number): Promise<string> {
  const found: { readonly workflowId: string; readonly startTime: Date }[] = []
  await until(async () => {
    found.length = 0
    const query = `WorkflowType = '${type}'`
    for await (const run of conveyor.temporal.client.workflow.list({ query })) found.push(run)
    return found.length > after
  }, 30_000)
  found.sort((one, other) => one.startTime.getTime() - other.startTime.getTime())
  return found[after]?.workflowId ?? ''
}

async function untilRetried(conveyor: TestConveyor, workflowId: string): Promise<void> {
  const handle = conveyor.temporal.client.workflow.getHandle(workflowId)
  await until(async () => {
    const { raw } = await handle.describe()
    return (raw.pendingActivities?.[0]?.attempt ?? 0) > 1
  }, 30_000)
}

/** A subscription that is paused, so that what a replay makes for it waits, and what it has missed. */
async function addMissedEvents(conveyor: TestConveyor, count: number): Promise<string> {
  const subscriptionId = `webhook_recorded_${count}`
  await conveyor.pool.query(sql.type(row<never>())`
    insert into salesforce_webhook_subscriptions (subscription_id, workspace_id, object_type, events, callback_url,
      secret, shard, paused_at)
    values (${subscriptionId}, ${DEFAULT_WORKSPACE_ID}, 'Account', '["Account.*"]', 'https://example.com/', '', 0,
      now())`)
  await conveyor.pool.query(sql.type(row<never>())`
    insert into salesforce_webhook_events (event_id, workspace_id, source, event_type, object_type, object_id,
      change_type, payload, occurred_at, processed, processed_at, position)
    select ${`evt_${subscriptionId}_`} || n, ${DEFAULT_WORKSPACE_ID}, 'webhook', 'Account.updated', 'Account',
      n::text, 'updated', '{}', now(), true, now(), n
    from generate_series(1, ${count}) n`)
  return subscriptionId
}

/** One that comes to its end, and one that waits until it is cancelled. */
async function recordReplays(conveyor: TestConveyor): Promise<void> {
  const start = async (subscriptionId: string) => {
    const replay = { replayId: `rpl_${subscriptionId}`, workspaceId: DEFAULT_WORKSPACE_ID }
    await createWebhookReplayQueries(conveyor.pool).insert({
      ...{ ...replay, kind: 'missing', subscriptionId, eventId: null, createdBy: null },
      ...{ since: new Date(0), until: null },
    })
    await conveyor.starters.startReplay(replay)
    return replayWorkflowId(conveyor.installationId, replay.replayId)
  }
  await record(conveyor, await start(await addMissedEvents(conveyor, 700)), 'replay', null)
  const workflowId = await start(await addMissedEvents(conveyor, 11_000))
  const handle = conveyor.temporal.client.workflow.getHandle(workflowId)
  await until(
    async () => (await handle.query<ReplayProgress | null>('progress'))?.waits === true,
    60_000,
  )
  await handle.signal('wake')
  await handle.cancel()
  await record(conveyor, workflowId, 'replay', 'cancelled-in-temporal')
}

const HISTORIES = fileURLToPath(new URL('histories/', import.meta.url))

/** Waits for the run's end and writes its history. */
async function record(
  conveyor: TestConveyor,
  workflowId: string,
  workflowType: string,
  scenario: string | null,
  runId?: string,
): Promise<void> {
  const handle = conveyor.temporal.client.workflow.getHandle(workflowId, runId)
  await until(async () => (await handle.describe()).status.name !== 'RUNNING', 60_000)
  const name = [workflowType, await release(), scenario].filter((part) => part !== null).join('-')
  await writeFile(join(HISTORIES, `${name}.json`), historyFile(await handle.fetchHistory()))
  process.stdout.write(`${name}\n`)
}

async function release(): Promise<string> {
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  // Our own manifest, which npm requires to have a version.
  return (JSON.parse(manifest) as { version: string }).version
}

async function recordReEncrypt(conveyor: TestConveyor): Promise<void> {
  await conveyor.stage({ columns: ['Name'], rows: [['Sealed']] }, { start: false })
  const reEncryption = createReEncryption(conveyor.temporal, conveyor.installationId)
  await reEncryption.start(deriveSealingKey(REPLAY_KEY).id)
  await record(conveyor, reEncryption.workflowId, 'reEncrypt', null)
}

/** The first at once, a digest, a wait that the platform asks for, and an answer that ends the channel. */
async function recordNotification(): Promise<void> {
  const slack = await startFakeSlack()
  const notify = await startNotifyConveyor({ window: 1, longest: 2 })
  try {
    await notify.conveyor.startWorker()
    const channelId = await notify.addChannel('slack', slack.urlOf('recorded'))
    const send = async (events: number, messages: number) => {
      await notify.queue(eventsFor(channelId, events))
      await until(async () => slack.requests('recorded') >= messages, 30_000)
    }
    await send(1, 1)
    await send(2, 2)
    slack.script('recorded', { status: 429, body: 'rate_limited', headers: { 'retry-after': '1' } })
    await send(3, 4)
    slack.script('recorded', { status: 404, body: 'no_service' })
    await send(1, 5)
    const workflowId = notificationWorkflowId(notify.conveyor.installationId, channelId)
    await record(notify.conveyor, workflowId, 'notification', null)
  } finally {
    await notify.stop()
    await slack.close()
  }
}

/** One that waits for a Bulk query, and one that a person has to mend; then a rollup of what is in the mirror. */
async function recordMirror(conveyor: TestConveyor): Promise<void> {
  for await (const { workflowId, runId, scenario } of mirrorHistories(conveyor)) {
    await record(conveyor, workflowId, 'syncMirror', scenario, runId)
  }
  const owner = { connectionId: DEFAULT_CONNECTION_ID, workspaceId: DEFAULT_WORKSPACE_ID }
  await createAnalyticsDirtyBucketQueries(conveyor.pool).markAll(owner)
  await conveyor.starters.startRollUp(owner)
  const workflowId = rollUpWorkflowId(conveyor.installationId, owner.connectionId)
  await record(conveyor, workflowId, 'rollUpAnalytics', null)
}

async function recordWebhooks(): Promise<void> {
  await withConveyor(WEBHOOK_ENVIRONMENT, async (conveyor) => {
    if (isWanted('endpoint')) {
      await record(conveyor, await endpointHistory(conveyor), 'endpoint', null)
    }
    if (isWanted('pump')) {
      const { workflowId, runId } = await pumpHistory(conveyor)
      await record(conveyor, workflowId, 'pump', null, runId)
    }
  })
}

/** Runs `work` with an installation and a worker of its own. */
async function withConveyor(
  environment: Record<string, string>,
  work: (conveyor: TestConveyor) => Promise<void>,
): Promise<void> {
  const conveyor = await startTestConveyor({
    environment: { CONVEYOR_LOAD_MAX_ROWS: '200', CONVEYOR_BULK_LANES: '1', ...environment },
  })
  try {
    await conveyor.startWorker()
    await work(conveyor)
  } finally {
    await conveyor.stop()
  }
}

/** Names of what is recorded, of all where none is given. */
const wanted = process.argv.slice(2)
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name)

const PLAIN_RECORDINGS: Readonly<Record<string, (conveyor: TestConveyor) => Promise<void>>> = {
  ...Object.fromEntries(
    Object.keys(SCENARIOS).map((scenario) => [
      `bulkJob-${scenario}`,
      (conveyor: TestConveyor) => recordBulkJob(conveyor, scenario),
    ]),
  ),
  describeObject: recordDescribeObject,
  metadata: recordMetadata,
  retention: recordRetention,
  rollup: recordRollup,
  replay: recordReplays,
  runQuery: recordAll('runQuery', runQueryHistories),
  bulkQuery: recordAll('bulkQuery', bulkQueryHistories),
}

/** Each run with the scenario that it went through. */
function recordAll(
  type: string,
  histories: (
    conveyor: TestConveyor,
  ) => Promise<readonly (readonly [workflowId: string, scenario: string | null])[]>,
) {
  return async (conveyor: TestConveyor) => {
    for (const [workflowId, scenario] of await histories(conveyor)) {
      await record(conveyor, workflowId, type, scenario)
    }
  }
}

const KEY = { SALESFORCE_TOKEN_ENCRYPTION_KEY: REPLAY_KEY }

const removeRunFolder = await makeRunFolder()
const stopServers = await setup()
try {
  await mkdir(HISTORIES, { recursive: true })
  const ofRelease = `-${await release()}`
  for (const file of wanted.length === 0 ? await readdir(HISTORIES) : []) {
    if (file.includes(ofRelease)) await rm(join(HISTORIES, file))
  }
  if (Object.keys(PLAIN_RECORDINGS).some(isWanted)) {
    await withConveyor({}, async (conveyor) => {
      for (const [name, recording] of Object.entries(PLAIN_RECORDINGS)) {
        if (isWanted(name)) await recording(conveyor)
      }
    })
  }
  if (CONNECTION_WORKFLOWS.some(isWanted)) await withConveyor(KEY, recordConnections)
  if (isWanted('reEncrypt')) await withConveyor(KEY, recordReEncrypt)
  if (isWanted('notification')) await recordNotification()
  if (['syncMirror', 'rollUpAnalytics'].some(isWanted))
    await withConveyor(MIRROR_ENVIRONMENT, recordMirror)
  if (['pump', 'endpoint'].some(isWanted)) await recordWebhooks()
  if (isWanted('bulkJob-sealed')) {
    await withConveyor({ ...KEY, CONVEYOR_SEAL_PAYLOADS: 'true' }, (conveyor) =>
      recordBulkJob(conveyor, 'blocked', 'sealed'),
    )
  }
} finally {
  await stopServers()
  await removeRunFolder()
}
