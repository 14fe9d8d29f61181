import { Context } from '@temporalio/activity'
import type { BulkQueryProgress, PollQueryJobInput } from '../../contracts/bulk-query.ts'
import { createBulkQueryQueries } from '../../db/bulk-queries.ts'
import { createBulkQueryAttemptQueries } from '../../db/bulk-query-attempts.ts'
import type { SalesforceClient } from '../../salesforce/client.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import type { QueryJob } from '../../salesforce/query-jobs.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { notYet } from '../failures.ts'
import { failQuery, removeResults, startOver } from './end-query.ts'
import { clientOfQuery, isOpen, progressNow, requireQuery } from './query-of.ts'

/** A short job is looked at within one attempt: each attempt of its own costs half a second. */
const SHORT_JOB_MS = 3_000
const SHORTEST_DELAY_MS = 100
const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 30_000

/**
 * Looks at the job until Salesforce has ended it. While it is under way the look fails `NotYet` with the progress as
 * its message: the history does not grow, and operators read the message in the Temporal UI.
 */
export function createPollQueryJob(
  deps: Pick<ActivityDependencies, 'database' | 'connections' | 'sealing' | 'logger'>,
) {
  const attempts = createBulkQueryAttemptQueries(deps.database)

  return function pollQueryJob(input: PollQueryJobInput): Promise<BulkQueryProgress> {
    return heartbeatWhile(async () => {
      await poll(input)
      return progressNow(deps, input.queryId)
    })
  }

  async function poll({ queryId, holdsJob }: PollQueryJobInput): Promise<void> {
    const query = await requireQuery(deps, queryId)
    const { salesforceJobId } = query
    if (!isOpen(query) || salesforceJobId === null || query.upstreamState === 'complete') return
    const signal = Context.current().cancellationSignal
    const client = await clientOfQuery(deps, query, signal)
    for (let delay = SHORTEST_DELAY_MS; ; delay = Math.min(delay * 2, FIRST_DELAY_MS)) {
      const seen = await look(client, salesforceJobId, signal)
      if (seen === null) return startOver(deps, query, salesforceJobId)
      const { state, recordsProcessed } = seen
      const isComplete = state === 'JobComplete'
      await attempts.setProgress(queryId, salesforceJobId, recordsProcessed, isComplete)
      switch (state) {
        case 'JobComplete':
          return
        case 'Failed':
          return failQuery(
            deps,
            queryId,
            'query_refused',
            seen.errorMessage ?? 'Salesforce ended the job as Failed, without a reason.',
          )
        case 'Aborted':
          // Somebody stopped it in Setup.
          await createBulkQueryQueries(deps.database).end(queryId, 'Aborted', null)
          return removeResults(deps.database, queryId)
        case 'UploadComplete':
        case 'InProgress':
          break
      }
      // The look that ended a block; the step must end with it, for the query to be told.
      if (holdsJob) return
      const elapsed = Date.now() - (query.upstreamCreatedAt ?? query.createdAt).getTime()
      if (elapsed > SHORT_JOB_MS) {
        throw notYet(
          `${state} ${recordsProcessed.toLocaleString('en')} records`,
          Math.min(Math.max(FIRST_DELAY_MS, elapsed * 0.05), LONGEST_DELAY_MS),
        )
      }
      await Context.current().sleep(delay)
    }
  }
}

async function look(
  client: SalesforceClient,
  salesforceJobId: string,
  signal: AbortSignal,
): Promise<QueryJob | null> {
  try {
    return await client.queries.get(salesforceJobId, signal)
  } catch (error) {
    if (isSalesforceError(error) && error.kind === 'not_found') return null
    throw error
  }
}
