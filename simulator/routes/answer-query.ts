import { ApiError } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { canonicalId } from '../ids.ts'
import { listViewById } from '../presentation/list-view.ts'
import { isCustom } from '../schema/field.ts'
import { columnMetadata } from '../soql/column-metadata.ts'
import { explainQuery } from '../soql/explain-query.ts'
import type { Cursor } from '../soql/open-cursors.ts'
import type { AggregatePlan, RecordsPlan } from '../soql/query-plan.ts'
import { createQueryRunner } from '../soql/query-runner.ts'
import { readPage } from '../soql/read-page.ts'
import { isLongText } from '../soql/value.ts'
import { planSoql, refusing } from './plan-soql.ts'

/** A call of `query` or `queryAll`, whether it came alone or inside a composite call. */
export interface QueryCall {
  readonly version: number
  /** The number of the calling user's record. */
  readonly user: number
  readonly withDeleted: boolean
  /** `Sforce-Query-Options`; `null` where the caller did not send it. */
  readonly options: string | null
}

/** The bodies of answers to queries. They throw ApiError. */
export interface QueryAnswers {
  /** The first page, or with `columns` what the columns of the answer would be. */
  query(call: QueryCall, soql: string | null, columns: boolean): object
  /** A further page: `<locator>-<offset>`. */
  more(call: QueryCall, locator: string): object
  /** How the org would find the records of a statement, or of the list view with this id. */
  explain(call: QueryCall, explained: string): object
}

/** Groups that one answer may have: a grouped query cannot be read on. */
const MOST_GROUPS = 2_000

export function createQueryAnswers(org: Org): QueryAnswers {
  const { cursors } = org

  function page(call: QueryCall, cursor: Cursor, from: number, locator: string | null): object {
    const { plan, numbers, reader } = cursor
    // The address is that of `query` for `queryAll` too: the locator alone says what is read on.
    const root = `/services/data/v${call.version}.0/query`
    const open = (opened: Cursor): string => cursors.open(call.user, opened, Date.now())
    const { records, covered } = readPage(plan, numbers, from, {
      runner: createQueryRunner(org.database),
      schema: org.schema,
      reader,
      version: call.version,
      size: pageSize(call.options, org.settings().queryPageSize, plan),
      moreChildren: (child, found, next) =>
        `${root}/${open({ plan: child, numbers: found, reader })}-${next}`,
    })
    const to = from + covered
    const done = to >= numbers.length
    return {
      totalSize: numbers.length,
      done,
      ...(done ? {} : { nextRecordsUrl: `${root}/${locator ?? open(cursor)}-${to}` }),
      records,
    }
  }

  return {
    query(call, soql, columns) {
      if (soql === null || soql.trim() === '') {
        throw new ApiError(400, 'MALFORMED_QUERY', 'A query string has to be specified')
      }
      const { plan, context, isView } = planSoql(org, soql, call)
      if (columns) return columnMetadata(plan)
      const runner = createQueryRunner(org.database)
      return refusing(soql, () => {
        switch (plan.kind) {
          case 'count':
            return { totalSize: runner.count(plan), done: true, records: [] }
          case 'aggregate':
            return groupsOf(plan, runner.groups(plan, context, MOST_GROUPS + 1))
          case 'records': {
            const numbers = runner.numbers(plan)
            if (isView) org.recentViews.add(call.user, plan.object, numbers)
            return page(call, { plan, numbers, reader: context }, 0, null)
          }
        }
      })
    },
    more(call, locator) {
      const [id = '', from = ''] = locator.split('-')
      const cursor = cursors.find(call.user, id, Date.now())
      const offset = /^\d+$/.test(from) ? Number(from) : null
      if (cursor === null || offset === null || offset > cursor.numbers.length) {
        throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
      }
      // A child query runs at the first parent that has children: perhaps not on the first page.
      return refusing('', () => page(call, cursor, offset, id))
    },
    explain(call, explained) {
      const soql = explainedSoql(org, explained)
      const { plan } = planSoql(org, soql, call)
      const total = org.store.count(plan.object)
      return refusing(soql, () => explainQuery(plan, createQueryRunner(org.database), total, soql))
    },
  }
}

/** Throws ApiError for the id of anything that is no list view. */
function explainedSoql(org: Org, explained: string): string {
  const id = canonicalId(explained)
  if (id === null) return explained
  const view = listViewById(org.schema, id)
  if (view === null)
    throw new ApiError(400, 'INVALID_ID', `no report or list view has the id ${id}`)
  return view.query
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

/** Records of a page where two custom fields of long text are selected. */
const LONG_TEXT_PAGE = 200

/** `batchSize=` asks for 200 to 2,000 records a page; it is a hint. */
function pageSize(options: string | null, most: number, plan: RecordsPlan): number {
  const asked = /batchSize\s*=\s*(\d+)/i.exec(options ?? '')?.[1]
  const wanted = asked === undefined ? most : Math.max(200, Math.min(2_000, Number(asked)))
  const long = plan.cells.filter(({ value }) => isLongText(value) && isCustom(value.field.name))
  return Math.min(most, wanted, long.length > 1 ? LONG_TEXT_PAGE : most)
}
