import { Hono } from 'hono'
import { hasBulkQueryEnded } from '../../contracts/bulk-query.ts'
import {
  type CreateQuery,
  CreateQuerySchema,
  QueryListQuerySchema,
} from '../../contracts/http/queries.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { type BulkQuery, createBulkQueryQueries } from '../../db/bulk-queries.ts'
import { createBulkQueryPartQueries } from '../../db/bulk-query-parts.ts'
import { auditEntry } from '../audit.ts'
import { requireConnectionOfId, requireConnectionOfUser } from '../connections/find-connection.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requireContentType } from '../http/content-type.ts'
import { parseJsonBody } from '../http/parse-json-body.ts'
import { decodePlace, encodePlace } from '../http/place-cursor.ts'
import { readQuery } from '../http/read-query.ts'
import { createRequestBody } from '../http/request-body.ts'
import { requestIssues } from '../http/request-issues.ts'
import { acceptQuery } from '../queries/accept-query.ts'
import { requireQuery } from '../queries/find-query.ts'
import type { PlannedQuery, QueryPlanner } from '../queries/plan-query.ts'
import { queryBody, queryUrl } from '../queries/query-body.ts'

const FIELDS = Object.keys(CreateQuerySchema.shape)
const PARTS_AT_ONCE = 500

/** `/v1/queries`: reads of any size, which go on whatever is killed on the way. */
export function createQueryRoutes(deps: ApiDependencies, planner: QueryPlanner) {
  function planOf(asked: CreateQuery, subject: Parameters<QueryPlanner['ofText']>[0]) {
    return (): Promise<PlannedQuery> => {
      const { object, soql, fields, where, order_by, limit } = asked
      if (soql !== undefined) {
        const other = [object, fields, where, order_by, limit].some((each) => each !== undefined)
        if (!other) return planner.ofText(subject, soql)
        const message = 'The field soql: is the whole query; no part may stand beside it.'
        throw new ApiError('invalid_request', message)
      }
      if (object === undefined) {
        throw new ApiError('missing_required_field', 'The field object is missing.')
      }
      const parts = {
        object,
        fields: fields ?? null,
        where: where ?? null,
        orderBy: order_by ?? [],
      }
      return planner.ofParts(subject, { ...parts, limit: limit ?? null, offset: null }, 'bulk')
    }
  }

  async function cancel(c: ApiContext, query: BulkQuery): Promise<BulkQuery | null> {
    const { queryId } = query
    const asked = await c.var.database.transaction(async (transaction) => {
      const wished = await createBulkQueryQueries(transaction).askCancel(queryId)
      if (wished === null) return null
      await createAuditLogQueries(transaction).append(
        auditEntry(c, { action: 'query.cancelled', subject: queryId }),
      )
      return wished
    })
    if (asked !== null) await wake(queryId)
    return asked
  }

  async function wake(queryId: string): Promise<void> {
    await deps.starters.wakeBulkQuery(queryId).catch((error: unknown) => {
      // What is wished stands in the row.
      deps.logger.warn({ err: error, queryId }, 'query could not be woken')
    })
  }

  return new Hono<ApiEnv>()
    .post('/v1/queries', async (c) => {
      requireContentType(c.req.raw, ['application/json'])
      const body = createRequestBody(c.req.raw, deps.settings, c.var.textShare)
      const parsed = CreateQuerySchema.safeParse(await parseJsonBody(body))
      if (!parsed.success) throw requestIssues(parsed.error, 'field', FIELDS)
      const asked = parsed.data
      const { connectionId } =
        asked.connection_id === undefined
          ? await requireConnectionOfUser(c, null)
          : await requireConnectionOfId(c, asked.connection_id)
      const { query, replayed } = await acceptQuery(deps, c, {
        connectionId,
        includeDeleted: asked.include_deleted,
        plan: planOf(asked, { workspaceId: c.var.workspaceId, connectionId }),
        requestHash: () => body.digest('application/json'),
      })
      if (replayed) c.header('Idempotency-Replayed', 'true')
      c.header('Location', queryUrl(query.queryId))
      return c.json(queryBody(query, deps), 202)
    })
    .get('/v1/queries', async (c) => {
      const wanted = readQuery(c.req.raw, QueryListQuerySchema)
      const found = await createBulkQueryQueries(c.var.database).list(
        { state: wanted.state, objectType: wanted.object },
        wanted.limit + 1,
        decodePlace(wanted.cursor),
      )
      const page = found.slice(0, wanted.limit)
      const last = found.length > wanted.limit ? page[page.length - 1] : undefined
      return c.json({
        queries: page.map((query) => queryBody(query, deps)),
        next_cursor: last === undefined ? null : encodePlace({ at: last.place, id: last.queryId }),
      })
    })
    .get('/v1/queries/:queryId', async (c) => c.json(queryBody(await requireQuery(c), deps)))
    .post('/v1/queries/:queryId/cancel', async (c) => {
      const asked = await cancel(c, await requireQuery(c))
      if (asked === null) throw new ApiError('query_ended', 'The query has ended already.')
      return c.json(queryBody(asked, deps), 202)
    })
    .post('/v1/queries/:queryId/resume', async (c) => {
      const query = await requireQuery(c)
      if (hasBulkQueryEnded(query.state)) {
        throw new ApiError('query_ended', 'The query has ended already.')
      }
      await wake(query.queryId)
      return c.json(queryBody(query, deps), 202)
    })
    .delete('/v1/queries/:queryId', async (c) => {
      const query = await requireQuery(c)
      // Its workflow removes what there is of a query that has not ended.
      const asked = hasBulkQueryEnded(query.state) ? null : await cancel(c, query)
      if (asked !== null) return c.json(queryBody(asked, deps), 202)
      if (query.purgedAt === null) await removeResults(c, query.queryId)
      return c.json(queryBody(await requireQuery(c), deps))
    })
}

async function removeResults(c: ApiContext, queryId: string): Promise<void> {
  const { database } = c.var
  const parts = createBulkQueryPartQueries(database)
  for (let removed = PARTS_AT_ONCE; removed === PARTS_AT_ONCE; ) {
    removed = await parts.deleteSomeOf(queryId, PARTS_AT_ONCE)
  }
  // Last: a request that is cut off leaves the rest to retention, or to the next one.
  await createBulkQueryQueries(database).setPurged(queryId)
  await createAuditLogQueries(database).append(
    auditEntry(c, { action: 'query.deleted', subject: queryId }),
  )
}
