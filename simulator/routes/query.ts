import { ApiError } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { makeId } from '../ids.ts'
import { parameter, type RestAnswer, type RestCall, type RestResource } from '../rest/resource.ts'
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
export function queryResources(org: Org): RestResource[] {
  const cursors = new Map<string, Cursor>()
  let lastCursor = 0

  function answer(
    call: RestCall,
    id: string,
    cursor: Cursor,
    from: number,
    all: string,
  ): RestAnswer {
    const { version } = call
    const { query, numbers } = cursor
    const to = from + pageSize(org, call)
    const done = to >= numbers.length
    const { object, fields } = query
    const records = numbers.slice(from, to).flatMap((n) => {
      const record = org.store.get(object, makeId(object.keyPrefix, n))
      return record === null ? [] : [recordJson(object, record, fields ?? [], version)]
    })
    const more = done ? {} : { nextRecordsUrl: `/services/data/v${version}.0/${all}/${id}-${to}` }
    return { status: 200, body: { totalSize: numbers.length, done, ...more, records } }
  }

  return (['query', 'queryall'] as const).flatMap((all): RestResource[] => [
    {
      pattern: `/${all}`,
      methods: {
        GET: (call) => {
          const query = plan(org, call, all === 'queryall')
          const rows = org.database.prepare(query.sql).all(...query.parameters)
          if (query.fields === null) {
            return { status: 200, body: { totalSize: rows.length, done: true, records: [] } }
          }
          lastCursor += 1
          const id = makeId(LOCATOR_PREFIX, lastCursor)
          const cursor = { query, numbers: rows.map((row) => Number(row['n'])) }
          cursors.set(id, cursor)
          if (cursors.size > KEPT_CURSORS) cursors.delete(cursors.keys().next().value ?? '')
          return answer(call, id, cursor, 0, all)
        },
      },
    },
    {
      pattern: `/${all}/:locator`,
      methods: {
        GET: (call) => {
          const [id = '', from = ''] = parameter(call, 'locator').split('-')
          const cursor = cursors.get(id)
          const offset = /^\d+$/.test(from) ? Number(from) : null
          if (cursor === undefined || offset === null) {
            throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
          }
          return answer(call, id, cursor, offset, all)
        },
      },
    },
  ])
}

function plan(org: Org, call: RestCall, withDeleted: boolean): PlannedQuery {
  const soql = call.query.get('q')
  if (soql === null || soql === '') {
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
function pageSize(org: Org, call: RestCall): number {
  const asked = /batchSize\s*=\s*(\d+)/i.exec(call.header('Sforce-Query-Options') ?? '')?.[1]
  const most = org.settings().queryPageSize
  if (asked === undefined) return most
  return Math.min(most, Math.max(200, Math.min(2_000, Number(asked))))
}
