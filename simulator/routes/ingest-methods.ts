import type { Hono } from 'hono'
import { ApiError } from '../http/api-error.ts'
import type { OrgEnv } from '../http/org-context.ts'

const ROOT = '/services/data/:version/jobs/ingest'

const METHODS: readonly (readonly [path: string, allowed: string])[] = [
  [ROOT, 'HEAD,GET,POST'],
  [`${ROOT}/:id`, 'HEAD,GET,PATCH,DELETE'],
  [`${ROOT}/:id/batches`, 'PUT'],
  [`${ROOT}/:id/successfulresults`, 'HEAD,GET'],
  [`${ROOT}/:id/failedresults`, 'HEAD,GET'],
  [`${ROOT}/:id/unprocessedrecords`, 'HEAD,GET'],
]

/** Answers 405 where a path of ingest jobs exists, but not with this method. Comes after its routes. */
export function refuseOtherIngestMethods(app: Hono<OrgEnv>): void {
  for (const [path, allowed] of METHODS) {
    app.all(path, (c) => {
      const message = `HTTP Method '${c.req.method}' not allowed. Allowed are ${allowed}`
      const error = new ApiError(405, 'METHOD_NOT_ALLOWED', message)
      return c.json(error.body(), error.status, { Allow: allowed })
    })
  }
}
