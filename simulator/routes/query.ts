import type { Hono } from 'hono'
import { ApiError } from '../http/api-error.ts'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { versionOf } from '../http/version.ts'
import { columnMetadata } from '../soql/column-metadata.ts'
import { type Cursor, createOpenCursors } from '../soql/open-cursors.ts'
import type { AggregatePlan } from '../soql/query-plan.ts'
import { createQueryRunner, readPage } from '../soql/read-records.ts'
import { planSoql } from './plan-soql.ts'

/** Groups that one answer may have: a grouped query cannot be read on. */
const MOST_GROUPS = 2_000

/** SOQL by REST: `query`, `queryAll`, and their further pages. */
export function addQueryRoutes(app: Hono<OrgEnv>, org: Org): void {
  const cursors = createOpenCursors()

  /** One page of a query's records, and the address of the next one. */
  function answer(
    c: OrgContext,
    cursor: Cursor,
    from: number,
    locator: string | null,
    all: string,
  ) {
    const version = versionOf(c.req.param('version') ?? '')
    const root = `/services/data/v${version}.0/${all}`
    const open = (opened: Cursor): string => cursors.open(c.var.userNumber, opened, Date.now())
    const { plan, numbers, reader } = cursor
    const page = readPage(plan, numbers, from, {
      runner: createQueryRunner(org.database),
      schema: org.schema,
      reader,
      version,
      size: pageSize(org, c),
      moreChildren: (child, found, next) =>
        `${root}/${open({ plan: child, numbers: found, reader })}-${next}`,
    })
    const to = from + page.covered
    const done = to >= numbers.length
    return c.json({
      totalSize: numbers.length,
      done,
      ...(done ? {} : { nextRecordsUrl: `${root}/${locator ?? open(cursor)}-${to}` }),
      records: page.records,
    })
  }

  for (const [route, all] of [
    ['query', 'query'],
    ['queryall', 'queryAll'],
  ] as const) {
    app.get(`/services/data/:version/${route}`, (c) => {
      versionOf(c.req.param('version'))
      const { plan, context } = planSoql(org, soqlOf(c), {
        user: c.var.userNumber,
        withDeleted: all === 'queryAll',
      })
      if (c.req.query('columns') === 'true') return c.json(columnMetadata(plan))
      const runner = createQueryRunner(org.database)
      switch (plan.kind) {
        case 'count':
          return c.json({ totalSize: runner.count(plan), done: true, records: [] })
        case 'aggregate':
          return c.json(groupsOf(plan, runner.groups(plan, context)))
        case 'records':
          return answer(c, { plan, numbers: runner.numbers(plan), reader: context }, 0, null, all)
      }
    })

    app.get(`/services/data/:version/${route}/:locator`, (c) => {
      const [id = '', from = ''] = c.req.param('locator').split('-')
      const cursor = cursors.find(c.var.userNumber, id, Date.now())
      const offset = /^\d+$/.test(from) ? Number(from) : null
      if (cursor === null || offset === null || offset > cursor.numbers.length) {
        throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
      }
      return answer(c, cursor, offset, id, all)
    })
  }
}

function soqlOf(c: OrgContext): string {
  const soql = c.req.query('q')
  if (soql !== undefined && soql.trim() !== '') return soql
  throw new ApiError(400, 'MALFORMED_QUERY', 'A query string has to be specified')
}

function groupsOf(plan: AggregatePlan, records: readonly object[]): object {
  if (plan.grouped && records.length > MOST_GROUPS) {
    throw new ApiError(
      400,
      'EXCEEDED_ID_LIMIT',
      'Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch',
    )
  }
  return { totalSize: records.length, done: true, records }
}

/** `Sforce-Query-Options: batchSize=` asks for 200 to 2,000 records a page. */
function pageSize(org: Org, c: OrgContext): number {
  const asked = /batchSize\s*=\s*(\d+)/i.exec(c.req.header('sforce-query-options') ?? '')?.[1]
  const most = org.settings().queryPageSize
  if (asked === undefined) return most
  return Math.min(most, Math.max(200, Math.min(2_000, Number(asked))))
}
