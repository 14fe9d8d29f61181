import { Registry } from 'prom-client'
import { afterEach, expect, test, vi } from 'vitest'
import { type InstallationState, observeInstallation } from './installation-metrics.ts'

const STATE: InstallationState = {
  queueAges: { events: 12, deliveries: null },
  openJobs: { Queued: 2 },
  quotas: [{ connectionId: 'conn_1', used: 30, limit: 100 }],
  ...{ troubledEndpoints: 1, blockedConnections: 0, activeUsers: 4, dirtyBuckets: 3 },
  mirrorLagSeconds: null,
}

afterEach(() => vi.useRealTimers())

test('however often it is scraped, the tables are asked at most every ten seconds', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  const registry = new Registry()
  const read = vi.fn(async () => STATE)
  observeInstallation(registry, read, () => {})
  await Promise.all([registry.metrics(), registry.metrics(), registry.metrics()])
  vi.advanceTimersByTime(9_000)
  await registry.metrics()
  expect(read).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(2_000)
  const text = await registry.metrics()
  expect(read).toHaveBeenCalledTimes(2)
  expect(text).toContain('conveyor_queue_age_seconds{queue="events"} 12\n')
  expect(text).toContain('conveyor_queue_age_seconds{queue="deliveries"} 0\n')
  expect(text).toContain('conveyor_salesforce_api_calls_used{connection="conn_1"} 30\n')
  expect(text).toContain('conveyor_database_up 1\n')
})

test('what cannot be read is not shown, and neither is what was true before', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  const registry = new Registry()
  const onError = vi.fn()
  const read = vi.fn(async () => STATE).mockResolvedValueOnce({ ...STATE, mirrorLagSeconds: 5 })
  observeInstallation(registry, read, onError)
  expect(await registry.metrics()).toContain('conveyor_mirror_lag_seconds 5\n')
  read.mockRejectedValueOnce(new Error('the database is away'))
  vi.advanceTimersByTime(11_000)
  const text = await registry.metrics()
  expect(text).toContain('conveyor_database_up 0\n')
  expect(text).not.toMatch(/^conveyor_(?:queue|mirror|open|troubled)\w*(?:\{.*\})? \d/m)
  expect(onError).toHaveBeenCalledOnce()
  vi.advanceTimersByTime(11_000)
  expect(await registry.metrics()).toContain('conveyor_troubled_endpoints 1\n')
})

test('a database that does not answer holds no scrape up, and is not asked again meanwhile', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  const registry = new Registry()
  const read = vi.fn(() => new Promise<InstallationState>(() => {}))
  observeInstallation(registry, read, () => {})
  for (let scrape = 0; scrape < 3; scrape += 1) {
    const text = registry.metrics()
    await vi.advanceTimersByTimeAsync(11_000)
    expect(await text).toContain('conveyor_database_up 0\n')
  }
  expect(read).toHaveBeenCalledOnce()
})
