import { afterAll, beforeAll, expect, test } from 'vitest'
import { createIntegrationMetricQueries } from '../../db/salesforce-integration-metrics.ts'
import { freePort } from '../../dev/stack/free-port.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { createRollupRange } from '../../temporal/rollup-range.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'
import { type Receiver, startReceiver } from '../webhooks/receiver.ts'
import { addEvents, addSubscription, ENCRYPTION_KEY } from '../webhooks/webhook-setup.ts'

const sealing = createSealing([deriveSealingKey(ENCRYPTION_KEY)])
let conveyor: TestConveyor
let url: string
let apiMetrics: string
let workerMetrics: string

beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: {
      SALESFORCE_TOKEN_ENCRYPTION_KEY: ENCRYPTION_KEY,
      CONVEYOR_ALLOW_PRIVATE_ADDRESSES: 'true',
    },
  })
  const [apiPort, workerPort] = [await freePort(), await freePort()]
  ;({ url } = await conveyor.startApi({ SALESFORCE_METRICS_PORT: String(apiPort) }))
  // A worker takes the port after the one that it is given.
  await conveyor.startWorker({ SALESFORCE_METRICS_PORT: String(workerPort - 1) })
  apiMetrics = `http://127.0.0.1:${apiPort}/metrics`
  workerMetrics = `http://127.0.0.1:${workerPort}/metrics`
})
afterAll(() => conveyor.stop())

async function scrape(from: string): Promise<string> {
  const answer = await fetch(from)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toContain('text/plain')
  return answer.text()
}

/** The value of the sample whose line begins so; null where there is none. */
function sampleOf(text: string, begin: string): number | null {
  const line = text.split('\n').find((each) => each.startsWith(begin))
  return line === undefined ? null : Number(line.slice(line.lastIndexOf(' ') + 1))
}

test('what a job did is scraped from the worker, and added up for its day', async () => {
  await conveyor.org.addFault({
    match: { call: 'bulk.create' },
    times: 1,
    action: { type: 'status', status: 503 },
  })
  const rows = Array.from({ length: 300 }, (_, index) => [index === 7 ? '' : `Account ${index}`])
  const jobId = await conveyor.stage({ columns: ['Name'], rows })
  const job = await conveyor.waitForEnd(jobId)
  expect(job.counts).toMatchObject({ success: 299, failed: 1 })
  const scraped = await scrape(workerMetrics)
  for (const api of ['bulk_ingest', 'describe']) {
    const calls = `conveyor_salesforce_call_duration_seconds_count{api="${api}",status="2xx"}`
    expect(sampleOf(scraped, calls), api).toBeGreaterThan(0)
  }
  expect(sampleOf(scraped, 'conveyor_salesforce_failures_total{kind="unavailable"}')).toBe(1)
  expect(sampleOf(scraped, 'conveyor_token_refreshes_total{outcome="succeeded"}')).toBe(1)
  const done = 'conveyor_activity_duration_seconds_count{activity="sendLoad",outcome="done"}'
  expect(sampleOf(scraped, done)).toBe(1)
  expect(sampleOf(scraped, 'nodejs_eventloop_lag_p99_seconds')).not.toBeNull()
  // Ids and names of anybody have no place there.
  expect(scraped).not.toContain(jobId)
  expect(scraped).not.toContain('Account ')

  const range = createRollupRange(conveyor.temporal, conveyor.installationId, 'integration')
  const today = new Date().toISOString().slice(0, 10)
  const seen = (await conveyor.org.calls()).filter(
    ({ name }) => name !== 'versions' && name !== 'token',
  )
  const figures = createIntegrationMetricQueries(conveyor.pool)
  // Calls are counted behind their answers.
  await until(async () => {
    await range.start({ from: today, until: today })
    await until(async () => (await range.look()).status === 'COMPLETED', 30_000)
    const [day] = await figures.listDays({ from: today, until: today })
    return day?.apiCalls === seen.length && day.bytes > 0
  }, 60_000)
  const [day] = await figures.listDays({ from: today, until: today })
  expect(day).toMatchObject({
    ...{ bulkJobsCreated: 1, recordsProcessed: 300, recordErrors: 1, callErrors: 1 },
    responseCount: seen.length,
  })
  const [tester] = await figures.listUsers({ from: today, until: today }, 10)
  expect(tester).toMatchObject({ userId: 'tester', bulkJobsCreated: 1 })
  // At least the rows themselves, there and back.
  expect(day?.bytes).toBeGreaterThan(2 * 300 * 'Account 1'.length)
  expect(await range.look()).toMatchObject({
    ...{ status: 'COMPLETED', progress: { marked: 1, done: 1, failed: 0, left: 0 } },
  })
})

test('attempts at endpoints are counted by what came of them', async () => {
  const receivers: Receiver[] = [await startReceiver(), await startReceiver()]
  const [, failing] = receivers
  failing?.answer((_, response) => response.writeHead(500).end())
  for (const { url: callback } of receivers) {
    await addSubscription(conveyor.pool, sealing, { url: callback })
  }
  await addEvents(conveyor.pool, sealing, [{}])
  const attempts = (labels: string) => `conveyor_delivery_attempts_total{${labels}}`
  await until(async () => {
    const scraped = await scrape(workerMetrics)
    return (
      sampleOf(scraped, attempts('outcome="delivered",error="none"')) === 1 &&
      (sampleOf(scraped, attempts('outcome="again",error="http_status"')) ?? 0) >= 1
    )
  }, 30_000)
  const scraped = await scrape(workerMetrics)
  expect(sampleOf(scraped, 'conveyor_deliveries_made_total')).toBe(2)
  // Events of the job of before are among them, where its end was told by then.
  expect(sampleOf(scraped, 'conveyor_events_processed_total')).toBeGreaterThan(0)
  for (const { url: callback } of receivers) expect(scraped).not.toContain(callback)
  for (const receiver of receivers) await receiver.close()
})

test('requests are counted by the pattern of their route', async () => {
  await fetch(`${url}/v1/bulk-jobs/bulk_job_of_nobody`)
  await fetch(`${url}/v1/bulk-jobs`)
  await fetch(`${url}/made/up/path`)
  const scraped = await scrape(apiMetrics)
  const total = (labels: string) => sampleOf(scraped, `http_requests_total{${labels}}`)
  expect(total('method="GET",route="/v1/bulk-jobs/:jobId",status="404"')).toBe(1)
  expect(total('method="GET",route="none",status="404"')).toBe(1)
  expect(sampleOf(scraped, 'conveyor_feature_requests_total{feature="bulk"}')).toBe(1)
  expect(scraped).not.toContain('bulk_job_of_nobody')
  expect(scraped).not.toContain('made/up')
})

test('the API tells how the installation is', async () => {
  await until(async () => sampleOf(await scrape(apiMetrics), 'conveyor_database_up') === 1, 30_000)
  const scraped = await scrape(apiMetrics)
  expect(sampleOf(scraped, 'conveyor_queue_age_seconds{queue="events"}')).toBe(0)
  expect(sampleOf(scraped, 'conveyor_open_jobs{state="Blocked"}')).toBe(0)
  expect(sampleOf(scraped, 'conveyor_blocked_connections')).toBe(0)
  expect(sampleOf(scraped, 'conveyor_database_waiting')).toBe(0)
  expect(sampleOf(scraped, 'conveyor_database_connections{state="in_use"}')).not.toBeNull()
  // Nothing is mirrored: no value, rather than a wrong one.
  expect(scraped).toContain('# TYPE conveyor_mirror_lag_seconds gauge')
  expect(sampleOf(scraped, 'conveyor_mirror_lag_seconds ')).toBeNull()
})

test('the port serves nothing else', async () => {
  expect((await fetch(apiMetrics.replace('/metrics', '/'))).status).toBe(404)
  expect((await fetch(apiMetrics, { method: 'POST' })).status).toBe(405)
})
