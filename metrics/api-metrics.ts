import { Counter, Histogram, type Registry } from 'prom-client'

/** A request that was answered. */
export interface ObservedRequest {
  readonly method: string
  /** The pattern of its route, never its path; null where no route is. */
  readonly route: string | null
  readonly status: number
  /** Until the answer began: streams go on after it. */
  readonly seconds: number
}

export interface ApiMetrics {
  request(request: ObservedRequest): void
}

const METHODS: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
])

/** Parts of the API by the beginning of their routes, the first that fits. */
const FEATURES: readonly (readonly [prefix: string, feature: string])[] = [
  ['/v1/bulk-jobs', 'bulk'],
  ['/api/salesforce/bulk', 'bulk'],
  ['/webhooks', 'webhook_intake'],
  ['/v1/connections/:connectionId/webhooks', 'webhook_intake'],
  ['/v1/connections', 'connections'],
  ['/api/auth', 'connections'],
  ['/api/oauth', 'connections'],
  ['/v1/subscriptions', 'webhooks'],
  ['/v1/event', 'webhooks'],
  ['/v1/deliveries', 'webhooks'],
  ['/v1/replays', 'webhooks'],
  ['/api/salesforce/webhooks', 'webhooks'],
  ['/v1/notification', 'notifications'],
  ['/v1/objects', 'metadata'],
  ['/v1/metadata', 'metadata'],
  ['/api/salesforce/custom-objects/:name/query', 'queries'],
  ['/v1/queries', 'queries'],
  ['/api/salesforce/custom-objects', 'metadata'],
  ['/v1/analytics', 'analytics'],
  ['/api/salesforce/analytics', 'analytics'],
  ['/api/salesforce/admin', 'administration'],
  ['/v1', 'administration'],
]

/** What the HTTP API counts. */
export function createApiMetrics(registry: Registry): ApiMetrics {
  const registers = [registry]
  const labelNames = ['method', 'route', 'status'] as const
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time until the answer of a request began.',
    labelNames,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers,
  })
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests that were answered.',
    labelNames,
    registers,
  })
  const features = new Counter({
    name: 'conveyor_feature_requests_total',
    help: 'Requests that succeeded, by the part of the API that they used.',
    labelNames: ['feature'],
    registers,
  })
  const rateLimited = new Counter({
    name: 'conveyor_rate_limited_requests_total',
    help: 'Requests that were refused because their caller had made too many.',
    registers,
  })

  return {
    request({ method, route, status, seconds }) {
      const labels = {
        method: METHODS.has(method) ? method : 'other',
        // What anybody may make up is one.
        route: route ?? 'none',
        status: String(status),
      }
      durations.observe(labels, seconds)
      requests.inc(labels)
      if (status === 429) rateLimited.inc()
      const feature = route === null || status >= 400 ? null : featureOf(route)
      if (feature !== null) features.inc({ feature })
    },
  }
}

/** Null for what says how the process is, which is no use of it. */
export function featureOf(route: string): string | null {
  return FEATURES.find(([prefix]) => route.startsWith(prefix))?.[1] ?? null
}
