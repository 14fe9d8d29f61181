import { Context } from '@temporalio/activity'
import type {
  BlockBulkQueryInput,
  BulkQueryInput,
  BulkQueryProgress,
} from '../../contracts/bulk-query.ts'
import { type BulkQuery, createBulkQueryQueries } from '../../db/bulk-queries.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { removeResults } from './end-query.ts'
import { clientOfQuery, progressNow, progressOf, requireQuery } from './query-of.ts'

/** States of a durable query that do not come from its reading. */
export function createSteerQuery(
  deps: Pick<ActivityDependencies, 'database' | 'connections' | 'sealing' | 'logger'>,
) {
  const { database, logger } = deps
  const queries = createBulkQueryQueries(database)

  return {
    /** As the row says from now on. */
    async beginBulkQuery({ queryId }: BulkQueryInput): Promise<BulkQueryProgress> {
      const begun = await queries.setInProgress(queryId)
      return begun === null ? progressNow(deps, queryId) : progressOf(begun)
    },

    async lookAtBulkQuery({ queryId }: BulkQueryInput): Promise<BulkQueryProgress> {
      return progressNow(deps, queryId)
    },

    async blockBulkQuery({ queryId, reason, detail }: BlockBulkQueryInput): Promise<void> {
      if (await queries.setBlocked(queryId, reason, detail)) {
        logger.warn({ queryId, reason }, 'a durable query waits for a person')
      }
    },

    /** Ends it, then stops Salesforce's job: an attempt that is still at work can note nothing any more. */
    cancelBulkQuery({ queryId }: BulkQueryInput): Promise<BulkQueryProgress> {
      // Salesforce may take longer to answer than a silent attempt is believed to be alive.
      return heartbeatWhile(async () => {
        await queries.end(queryId, 'Aborted', null)
        const query = await requireQuery(deps, queryId)
        if (query.state === 'Aborted') {
          await stopUpstream(query)
          await removeResults(database, queryId)
        }
        return progressNow(deps, queryId)
      })
    },
  }

  /** It only reads and ends by itself: where it cannot be stopped, the cancel is done all the same. */
  async function stopUpstream(query: BulkQuery): Promise<void> {
    const { queryId, salesforceJobId } = query
    if (salesforceJobId === null || query.upstreamState === 'complete') return
    try {
      const client = await clientOfQuery(deps, query, Context.current().cancellationSignal)
      await client.queries.abort(salesforceJobId)
    } catch (error) {
      if (isSalesforceError(error) && error.kind === 'invalid_state') return
      logger.warn({ err: error, queryId, salesforceJobId }, 'a query job could not be stopped')
    }
  }
}
