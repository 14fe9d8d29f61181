import type { Hono } from 'hono'
import { ApiError } from '../http/api-error.ts'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { versionOf } from '../http/version.ts'
import { makeId } from '../ids.ts'
import { parseSoql } from '../soql/parse.ts'
import { recordJson } from '../soql/record-json.ts'
import { type PlannedQuery, planQuery } from '../soql/to-sql.ts'
import { SoqlError } from '../soql/tokenize.ts'

/** A query whose answer has several pages: the numbers of its records, in order. */
interface Cursor {
  readonly query: PlannedQuery
  readonly numbers: readonly number[]
}

/** Queries that may still be read on; the oldest is forgotten first, as in a real org. */
const KEPT_CURSORS = 100
const LOCATOR_PREFIX = '0r8'

/** SOQL by REST: `query`, `queryAll`, and their further pages. */
export function addQueryRoutes(app: Hono<OrgEnv>, org: Org): void {
  const cursors = new Map<string, Cursor>()
  let lastCursor = 0

  function answer(c: OrgContext, id: string, cursor: Cursor, from: number, all: string) {
    const version = versionOf(c.req.param('version') ?? '')
    const { query, numbers } = cursor
    const to = from + pageSize(org, c)
    const done = to >= numbers.length
    const { object, fields } = query
    const records = numbers.slice(from, to).flatMap((n) => {
      const record = org.store.get(object, makeId(object.keyPrefix, n))
      return record === null ? [] : [recordJson(object, record, fields ?? [], version)]
    })
    return c.json({
      totalSize: numbers.length,
      done,
      ...(done ? {} : { nextRecordsUrl: `/services/data/v${version}.0/${all}/${id}-${to}` }),
      records,
    })
  }

  for (const all of ['query', 'queryall'] as const) {
    app.get(`/services/data/:version/${all}`, (c) => {
      const query = plan(org, c, all === 'queryall')
      const rows = org.database.prepare(query.sql).all(...query.parameters)
      if (query.fields === null) return c.json({ totalSize: rows.length, done: true, records: [] })
      lastCursor += 1
      const id = makeId(LOCATOR_PREFIX, lastCursor)
      const cursor = { query, numbers: rows.map((row) => Number(row['n'])) }
      cursors.set(id, cursor)
      if (cursors.size > KEPT_CURSORS) cursors.delete(cursors.keys().next().value ?? '')
      return answer(c, id, cursor, 0, all)
    })

    app.get(`/services/data/:version/${all}/:locator`, (c) => {
      const [id = '', from = ''] = c.req.param('locator').split('-')
      const cursor = cursors.get(id)
      const offset = /^\d+$/.test(from) ? Number(from) : null
      if (cursor === undefined || offset === null) {
        throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
      }
      return answer(c, id, cursor, offset, all)
    })
  }
}

function plan(org: Org, c: OrgContext, withDeleted: boolean): PlannedQuery {
  versionOf(c.req.param('version') ?? '')
  const soql = c.req.query('q')
  if (soql === undefined || soql === '') {
    throw new ApiError(400, 'MALFORMED_QUERY', 'A query string has to be specified')
  }
  try {
    return planQuery(org.schema, parseSoql(soql), withDeleted)
  } catch (error) {
    if (!(error instanceof SoqlError)) throw error
    throw new ApiError(400, error.code, error.message)
  }
}

/** `Sforce-Query-Options: batchSize=` asks for 200 to 2,000 records a page. */
function pageSize(org: Org, c: OrgContext): number {
  const asked = /batchSize\s*=\s*(\d+)/i.exec(c.req.header('sforce-query-options') ?? '')?.[1]
  const most = org.settings().queryPageSize
  if (asked === undefined) return most
  return Math.min(most, Math.max(200, Math.min(2_000, Number(asked))))
}
