import { Hono } from 'hono'
import type { ReadinessBody } from '../../contracts/http/health.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'

/**
 * `/healthz` and `/livez` say that the process answers and ask nobody else; `/readyz` says whether it can do its
 * work now. None of them is counted, limited or asked for a key.
 */
export function createHealthRoutes(deps: Pick<ApiDependencies, 'readiness' | 'drain'>) {
  return new Hono<ApiEnv>()
    .get('/healthz', (c) => c.json({ status: 'healthy', timestamp: new Date().toISOString() }))
    .get('/livez', (c) => c.json({ status: 'alive' }))
    .get('/readyz', async (c) => {
      const checks = await deps.readiness.check()
      const isComplete =
        checks.postgres === 'up' && checks.temporal === 'up' && checks.migrations === 'current'
      const status = deps.drain.isActive() ? 'draining' : isComplete ? 'ready' : 'not_ready'
      const body: ReadinessBody = { status, checks }
      return c.json(body, status === 'ready' ? 200 : 503)
    })
}
