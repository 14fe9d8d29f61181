import { Gauge, Registry } from 'prom-client'
import { afterEach, expect, test, vi } from 'vitest'
import { createMetricsServer, type MetricsServer } from './serve-metrics.ts'

const started: MetricsServer[] = []
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop()
})

async function serve(registry: Registry, port = 0) {
  const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  const server = createMetricsServer({ registry, host: '127.0.0.1', port, logger })
  started.push(server)
  await server.start()
  return { server, logger, url: `http://127.0.0.1:${server.port()}/metrics` }
}

test('serves what is registered, and says in which form', async () => {
  const registry = new Registry()
  new Gauge({ name: 'answer', help: 'The answer.', registers: [registry] }).set(42)
  const { url } = await serve(registry)
  const answer = await fetch(url)
  expect(answer.headers.get('content-type')).toBe(registry.contentType)
  expect(await answer.text()).toContain('answer 42\n')
})

test('a port that is taken is told, and nothing is thrown', async () => {
  const { server } = await serve(new Registry())
  const second = await serve(new Registry(), server.port() ?? 0)
  expect(second.server.port()).toBeNull()
  expect(second.logger.error).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ port: server.port() }),
    expect.stringContaining('not served'),
  )
})

test('a metric that cannot be gathered is a failed scrape, and the next one works', async () => {
  const registry = new Registry()
  const collect = vi.fn().mockRejectedValueOnce(new Error('no value'))
  new Gauge({ name: 'fragile', help: 'Fails once.', registers: [registry], collect })
  const { url, logger } = await serve(registry)
  expect((await fetch(url)).status).toBe(500)
  expect(logger.warn).toHaveBeenCalledOnce()
  expect((await fetch(url)).status).toBe(200)
})
