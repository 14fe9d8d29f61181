import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createApiMetrics, featureOf } from './api-metrics.ts'
import { salesforceApiOf } from './worker-metrics.ts'

test.each([
  ['/v1/bulk-jobs/:jobId', 'bulk'],
  ['/v1/connections/:connectionId/webhooks', 'webhook_intake'],
  ['/v1/connections/:connectionId/webhook-secret', 'connections'],
  ['/v1/events/stream', 'webhooks'],
  ['/api/salesforce/custom-objects/:name/query', 'queries'],
  ['/api/salesforce/custom-objects/:name/metadata', 'metadata'],
  ['/v1/api-keys', 'administration'],
  ['/healthz', null],
])('the route %s is a use of %s', (route, feature) => {
  expect(featureOf(route)).toBe(feature)
})

test.each([
  ['/services/data/v67.0/jobs/ingest/750xx/batches', 'bulk_ingest'],
  ['/services/data/v67.0/jobs/query/750xx', 'bulk_query'],
  ['/services/data/v67.0/query', 'query'],
  ['/services/data/v67.0/query/01gxx-2000', 'query'],
  ['/services/data/v67.0/sobjects/Account/describe', 'describe'],
  ['/services/data/v67.0/sobjects/Account/describe/', 'describe'],
  ['/services/data/v67.0/sobjects/', 'describe'],
  ['/services/data/v67.0/sobjects/Account/001xx', 'records'],
  ['/services/data/v67.0/limits/', 'limits'],
  ['/services/oauth2/token', 'oauth'],
  ['/services/data', 'versions'],
  ['/services/made-up', 'other'],
])('a call of %s is one of %s', (path, api) => {
  expect(salesforceApiOf(path)).toBe(api)
})

test('what callers make up does not become a label', async () => {
  const registry = new Registry()
  const metrics = createApiMetrics(registry)
  for (const method of ['PROPFIND', 'BREW', 'GET']) {
    metrics.request({ method, route: null, status: 405, seconds: 0.01 })
  }
  const text = await registry.metrics()
  expect(text).toContain('http_requests_total{method="other",route="none",status="405"} 2\n')
  expect(text).toContain('http_requests_total{method="GET",route="none",status="405"} 1\n')
  expect(text).not.toContain('PROPFIND')
})

test('refusals count as refusals, and not as use', async () => {
  const registry = new Registry()
  createApiMetrics(registry).request({
    ...{ method: 'GET', route: '/v1/bulk-jobs', status: 429, seconds: 0.01 },
  })
  const text = await registry.metrics()
  expect(text).toContain('conveyor_rate_limited_requests_total 1\n')
  expect(text).not.toContain('feature="bulk"')
})
