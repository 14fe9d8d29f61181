import type { Hono } from 'hono'
import { ApiError } from '../http/api-error.ts'
import type { OrgEnv } from '../http/org-context.ts'

type Methods = readonly (readonly [path: string, allowed: string])[]

const INGEST = '/services/data/:version/jobs/ingest'
const INGEST_METHODS: Methods = [
  [INGEST, 'HEAD,GET,POST'],
  [`${INGEST}/:id`, 'HEAD,GET,PATCH,DELETE'],
  [`${INGEST}/:id/batches`, 'PUT'],
  [`${INGEST}/:id/successfulresults`, 'HEAD,GET'],
  [`${INGEST}/:id/failedresults`, 'HEAD,GET'],
  [`${INGEST}/:id/unprocessedrecords`, 'HEAD,GET'],
]

const QUERY = '/services/data/:version/jobs/query'
const QUERY_METHODS: Methods = [
  [QUERY, 'HEAD,GET,POST'],
  [`${QUERY}/:id`, 'HEAD,GET,PATCH,DELETE'],
  [`${QUERY}/:id/results`, 'HEAD,GET'],
]

/** Answers 405 where a path of ingest jobs exists, but not with this method. Comes after its routes. */
export function refuseOtherIngestMethods(app: Hono<OrgEnv>): void {
  refuseOtherMethods(app, INGEST_METHODS)
}

/** The same for paths of query jobs. */
export function refuseOtherQueryMethods(app: Hono<OrgEnv>): void {
  refuseOtherMethods(app, QUERY_METHODS)
}

function refuseOtherMethods(app: Hono<OrgEnv>, methods: Methods): void {
  for (const [path, allowed] of methods) {
    app.all(path, (c) => {
      const message = `HTTP Method '${c.req.method}' not allowed. Allowed are ${allowed}`
      const error = new ApiError(405, 'METHOD_NOT_ALLOWED', message)
      return c.json(error.body(), error.status, { Allow: allowed })
    })
  }
}
