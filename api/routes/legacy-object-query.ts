import { Hono } from 'hono'
import type { LegacyObjectQueryFields } from '../../contracts/http/queries.ts'
import { requireConnectionOfUser } from '../connections/find-connection.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requireContentType } from '../http/content-type.ts'
import { parseJsonBody } from '../http/parse-json-body.ts'
import { requirePlainText } from '../http/plain-text.ts'
import { createRequestBody } from '../http/request-body.ts'
import type { QueryPlanner } from '../queries/plan-query.ts'
import { runQuery } from '../queries/run-query.ts'

const DEFAULT_LIMIT = 25
/** What the replaced service took. */
const MOST_RECORDS = 2_000
const MOST_OFFSET = 2_000
const MOST_FIELDS = 800

/** `POST /api/salesforce/custom-objects/{name}/query`, as callers of the replaced service know it. */
export function createLegacyObjectQueryRoute(deps: ApiDependencies, planner: QueryPlanner) {
  return new Hono<ApiEnv>().post('/api/salesforce/custom-objects/:name/query', async (c) => {
    requireContentType(c.req.raw, ['application/json'])
    const body = createRequestBody(c.req.raw, deps.settings, c.var.textShare)
    const asked = readAsked(await parseJsonBody(body))
    const { connectionId } = await requireConnectionOfUser(c, asked.userId)
    const { limit, offset } = asked
    const planned = await planner.ofParts(
      { workspaceId: c.var.workspaceId, connectionId },
      {
        ...{ object: c.req.param('name'), orderBy: [], limit, offset },
        fields: asked.fields,
        where: asked.where,
      },
      'rest',
    )
    const { records, totalSize, done } = await runQuery(deps, c, {
      connectionId,
      objectType: planned.object,
      request: { soql: planned.soql, batchSize: null },
    })
    const fields: LegacyObjectQueryFields = {
      ...{ records: [...records], total_size: totalSize, done, query: planned.soql, limit, offset },
    }
    return c.json({ ok: true, ...fields, data: fields })
  })
}

/** Field by field: each fault has a code that callers know. Fields that nobody knows are let pass, as ever. */
function readAsked(body: Record<string, unknown>) {
  const userId = body['user_id']
  // Some callers send their ids as numbers.
  const user = typeof userId === 'number' ? String(userId) : userId
  if (user === undefined || user === null || user === '') {
    throw new ApiError('missing_user_id', 'user_id is required')
  }
  if (typeof user !== 'string') throw new ApiError('invalid_request', 'user_id must be text')
  const where = body['where_clause'] ?? null
  if (where !== null && typeof where !== 'string') {
    throw new ApiError('invalid_request', 'where_clause must be text')
  }
  const limit = requireCount('limit', body['limit'] ?? DEFAULT_LIMIT)
  if (limit > MOST_RECORDS) {
    throw new ApiError('limit_too_large', `limit is ${MOST_RECORDS} at most`)
  }
  if (limit < 1) throw new ApiError('invalid_request', 'limit is 1 at least')
  const offset = requireCount('offset', body['offset'] ?? 0)
  if (offset > MOST_OFFSET) {
    throw new ApiError('limit_too_large', `offset is ${MOST_OFFSET} at most, as in Salesforce`)
  }
  return {
    userId: requirePlainText('user_id', user.trim(), 255),
    ...{ where, limit, offset, fields: readFields(body['fields']) },
  }
}

function readFields(fields: unknown): readonly string[] | null {
  if (fields === undefined || fields === null) return null
  const isList = Array.isArray(fields) && fields.every((each) => typeof each === 'string')
  if (!isList) throw new ApiError('invalid_request', 'fields must be an array of field names')
  if (fields.length > MOST_FIELDS) {
    throw new ApiError('invalid_request', `fields holds more than ${MOST_FIELDS} names`)
  }
  return fields
}

function requireCount(name: string, value: unknown): number {
  // Forms and query builders send numbers as text.
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0) return number
  throw new ApiError('invalid_request', `${name} must be a whole number`)
}
