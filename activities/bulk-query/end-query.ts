import { packErrorDetail } from '../../bulk/query-blobs.ts'
import type { BulkQueryFailure } from '../../contracts/bulk-query.ts'
import { bulkQueryContext, createBulkQueryQueries } from '../../db/bulk-queries.ts'
import { createBulkQueryAttemptQueries } from '../../db/bulk-query-attempts.ts'
import { createBulkQueryPartQueries } from '../../db/bulk-query-parts.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import type { ActivityDependencies } from '../dependencies.ts'

const PARTS_AT_ONCE = 500
/** Times that a query is begun anew because Salesforce has its job no more. */
const MOST_UPSTREAM_JOBS = 5

type Deps = Pick<ActivityDependencies, 'database' | 'sealing' | 'logger'>

/** Ends a query as failed. What is there of its results goes: a part of an answer would be taken for the whole. */
export async function failQuery(
  deps: Deps,
  queryId: string,
  code: BulkQueryFailure,
  detail: string,
): Promise<void> {
  const sealed = deps.sealing.seal(
    bulkQueryContext(queryId, 'error_detail'),
    packErrorDetail(detail),
  )
  const ended = await createBulkQueryQueries(deps.database).end(queryId, 'Failed', {
    code,
    detail: sealed,
  })
  if (ended !== null) deps.logger.warn({ queryId, code }, 'a durable query failed')
  await removeResults(deps.database, queryId)
}

/** Salesforce has the job no more: the next step begins another one, up to a limit. */
export async function startOver(
  deps: Deps,
  query: { readonly queryId: string; readonly upstreamAttempts: number },
  salesforceJobId: string,
): Promise<void> {
  const { queryId } = query
  if (query.upstreamAttempts >= MOST_UPSTREAM_JOBS) {
    const detail = `Salesforce lost ${query.upstreamAttempts} jobs of this query before their results were read.`
    await failQuery(deps, queryId, 'results_gone', detail)
    return
  }
  const isOver = await deps.database.transaction((transaction) =>
    createBulkQueryAttemptQueries(transaction).startOver(queryId, salesforceJobId),
  )
  if (isOver) deps.logger.warn({ queryId, salesforceJobId }, 'a query begins anew: its job is gone')
}

/** Removes the results of a query that has ended; marked last, so that it is done again where it was cut off. */
export async function removeResults(
  database: WorkspaceDatabase,
  queryId: string,
  onStep?: () => void,
): Promise<void> {
  const parts = createBulkQueryPartQueries(database)
  while ((await parts.deleteSomeOf(queryId, PARTS_AT_ONCE)) === PARTS_AT_ONCE) onStep?.()
  await createBulkQueryQueries(database).setPurged(queryId)
}
