import { Hono } from 'hono'
import { type ObjectQueryAnswer, ObjectQuerySchema } from '../../contracts/http/queries.ts'
import { requireConnectionOfId, requireConnectionOfUser } from '../connections/find-connection.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { decodeCursor } from '../http/cursor.ts'
import { isPlainId } from '../http/plain-id.ts'
import { readJsonBody } from '../http/read-json-body.ts'
import type { QueryPlanner } from '../queries/plan-query.ts'
import { nextPageOf, runQuery } from '../queries/run-query.ts'

const FIELDS = Object.keys(ObjectQuerySchema.shape)

/** `POST /v1/objects/{name}/query`: records of one object, page by page. */
export function createObjectQueryRoute(deps: ApiDependencies, planner: QueryPlanner) {
  return new Hono<ApiEnv>().post('/v1/objects/:name/query', async (c) => {
    const asked = await readJsonBody(c, deps.settings, ObjectQuerySchema, FIELDS)
    const object = c.req.param('name')
    const { cursor, ...first } = asked
    const isAlone = Object.entries(first).every(([, value]) => value === undefined || value === 0)
    if (cursor !== undefined && !isAlone) {
      const message =
        'The field cursor: nothing else may stand beside it. It goes on with the same query.'
      throw new ApiError('invalid_request', message)
    }
    const place = decodeCursor<[string]>(cursor, ([id]) => isPlainId(id))
    if (place !== null) {
      const wish = await nextPageOf(deps, c, place[0], object)
      await requireConnectionOfId(c, wish.connectionId)
      const { records, totalSize, done, nextCursor } = await runQuery(deps, c, wish)
      return c.json({
        ...{ object: wish.objectType, records: [...records], total_size: totalSize, done },
        ...{ next_cursor: nextCursor, query: null },
      } satisfies ObjectQueryAnswer)
    }
    const { connectionId } =
      first.connection_id === undefined
        ? await requireConnectionOfUser(c, null)
        : await requireConnectionOfId(c, first.connection_id)
    const planned = await planner.ofParts(
      { workspaceId: c.var.workspaceId, connectionId },
      {
        object,
        fields: first.fields ?? null,
        where: first.where ?? null,
        orderBy: first.order_by ?? [],
        limit: first.limit ?? null,
        offset: first.offset,
      },
      'rest',
    )
    const { records, totalSize, done, nextCursor } = await runQuery(deps, c, {
      connectionId,
      objectType: planned.object,
      request: { soql: planned.soql, batchSize: first.page_size ?? null },
    })
    return c.json({
      ...{ object: planned.object, records: [...records], total_size: totalSize, done },
      ...{ next_cursor: nextCursor, query: planned.soql },
    } satisfies ObjectQueryAnswer)
  })
}
