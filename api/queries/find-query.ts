import { type BulkQuery, createBulkQueryQueries } from '../../db/bulk-queries.ts'
import type { ApiContext } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { isPlainId } from '../http/plain-id.ts'

/** The durable query that the path names. @throws {ApiError} `query_not_found` */
export async function requireQuery(c: ApiContext): Promise<BulkQuery> {
  const queryId = c.req.param('queryId') ?? ''
  const found = isPlainId(queryId)
    ? await createBulkQueryQueries(c.var.database).get(queryId)
    : null
  if (found === null) throw new ApiError('query_not_found', 'There is no query of this id.')
  return found
}
