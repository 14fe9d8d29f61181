import { Hono } from 'hono'
import { QueryResultsQuerySchema } from '../../contracts/http/queries.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { chooseType } from '../http/accept.ts'
import { readQuery } from '../http/read-query.ts'
import { streamOf } from '../http/stream-of.ts'
import { requireQuery } from '../queries/find-query.ts'
import { requestOfQuery } from '../queries/query-body.ts'
import { QUERY_RESULT_TYPES, queryText } from '../queries/query-text.ts'

/** `GET /v1/queries/{id}/results`: the records of a query that is complete, streamed. */
export function createBulkQueryResultsRoute(deps: ApiDependencies) {
  return new Hono<ApiEnv>().get('/v1/queries/:queryId/results', async (c) => {
    const { format } = readQuery(c.req.raw, QueryResultsQuerySchema)
    const type =
      format === undefined
        ? chooseType(c.req.header('accept'), QUERY_RESULT_TYPES)
        : format === 'csv'
          ? 'text/csv'
          : 'application/x-ndjson'
    const query = await requireQuery(c)
    if (query.state !== 'Completed') {
      const message = `The query is ${query.state}: there are results once it is Completed.`
      throw new ApiError('query_not_completed', message)
    }
    if (query.purgedAt !== null) {
      throw new ApiError('query_purged', 'The results of this query were removed.')
    }
    const { columns } = requestOfQuery(deps, query)
    const extension = type === 'text/csv' ? 'csv' : 'ndjson'
    const body =
      c.req.method === 'HEAD' ? null : streamOf(queryText(deps, query, columns, type), c.var.logger)
    return new Response(body, {
      headers: {
        'Content-Type': `${type}; charset=utf-8`,
        'Content-Disposition': `attachment; filename="${query.queryId}.${extension}"`,
        'Record-Count': String(query.records),
        Vary: 'Accept',
      },
    })
  })
}
