import { Hono } from 'hono'
import type { ApiEnv } from '../dependencies.ts'

/** `GET /healthz` says that the process answers; callers know it as checking nothing else. */
export function createHealthRoute() {
  return new Hono<ApiEnv>().get('/healthz', (c) =>
    c.json({ status: 'healthy', timestamp: new Date().toISOString() }),
  )
}
