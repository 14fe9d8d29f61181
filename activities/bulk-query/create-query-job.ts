import { Context } from '@temporalio/activity'
import type { BulkQueryInput, BulkQueryProgress } from '../../contracts/bulk-query.ts'
import { type BulkQuery, createBulkQueryQueries } from '../../db/bulk-queries.ts'
import { createBulkQueryAttemptQueries } from '../../db/bulk-query-attempts.ts'
import type { SalesforceClient } from '../../salesforce/client.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { notYet, superseded } from '../failures.ts'
import { failQuery } from './end-query.ts'
import { clientOfQuery, isOpen, progressNow, progressOf, requestOf } from './query-of.ts'

const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 5 * 60_000

/**
 * Has Salesforce begin the query. A job whose answer was lost only reads, has no name that it could be told by, and
 * is left to expire; the next one is the query's, so nothing is read twice. Each costs one of the org's daily jobs, so
 * attempts come ever slower.
 */
export function createCreateQueryJob(
  deps: Pick<ActivityDependencies, 'database' | 'connections' | 'sealing' | 'logger' | 'failpoint'>,
) {
  const attempts = createBulkQueryAttemptQueries(deps.database)

  return function createQueryJob({ queryId }: BulkQueryInput): Promise<BulkQueryProgress> {
    return heartbeatWhile(async () => {
      const query = await deps.database.transaction((transaction) =>
        createBulkQueryAttemptQueries(transaction).takeOver(queryId),
      )
      if (query === null) return progressNow(deps, queryId)
      if (query.salesforceJobId !== null) return progressOf(query)
      await begin(query)
      return progressNow(deps, queryId)
    })
  }

  async function begin(query: BulkQuery): Promise<void> {
    const { queryId, epoch } = query
    const signal = Context.current().cancellationSignal
    const { soql } = requestOf(deps, query)
    const client = await clientOfQuery(deps, query, signal)
    if (!(await attempts.setCreating(queryId, epoch))) throw superseded(`query ${queryId}`)
    await deps.failpoint('query.before-create')
    const salesforceJobId = await create(client, query, soql, signal)
    if (salesforceJobId === null) return
    await deps.failpoint('query.after-create')
    if (await attempts.setCreated(queryId, epoch, salesforceJobId)) return
    await abandon(client, queryId, salesforceJobId)
    if (isOpen((await createBulkQueryQueries(deps.database).get(queryId)) ?? query)) {
      throw superseded(`query ${queryId}`)
    }
  }

  /** Null where Salesforce refuses the query, which has ended with that. */
  async function create(
    client: SalesforceClient,
    { queryId, includeDeleted, upstreamAttempts }: BulkQuery,
    soql: string,
    signal: AbortSignal,
  ): Promise<string | null> {
    try {
      return (await client.queries.create({ soql, includeDeleted }, signal)).id
    } catch (error) {
      if (!isSalesforceError(error)) throw error
      if (error.kind === 'invalid_request') {
        const code = error.errorCode === null ? '' : `${error.errorCode}: `
        await failQuery(deps, queryId, 'query_refused', `${code}${error.message}`)
        return null
      }
      if (error.retry === 'backoff' && error.effect === 'unknown') {
        const delay = Math.min(FIRST_DELAY_MS * 2 ** upstreamAttempts, LONGEST_DELAY_MS)
        throw notYet(
          'no answer to the beginning of the query',
          Math.max(delay, error.retryAfterMs ?? 0),
        )
      }
      throw error
    }
  }

  /** The id of a job that is nobody's: the one chance to stop it. */
  async function abandon(
    client: SalesforceClient,
    queryId: string,
    salesforceJobId: string,
  ): Promise<void> {
    try {
      await client.queries.abort(salesforceJobId)
    } catch (error) {
      deps.logger.warn({ err: error, queryId, salesforceJobId }, 'a needless query job goes on')
    }
  }
}
