import { Context } from '@temporalio/activity'
import type {
  EndedUpstreamState,
  PolledLoad,
  PollLoadInput,
} from '../../contracts/bulk-job-steps.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkLoadLeaseQueries } from '../../db/bulk-load-leases.ts'
import { type BulkUpstreamJob, createBulkUpstreamJobQueries } from '../../db/bulk-upstream-jobs.ts'
import type { IngestJob, SalesforceClient } from '../../salesforce/client.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal, notYet } from '../failures.ts'
import { clientOfJob } from './client-of-job.ts'
import { heartbeatWhile } from './heartbeat.ts'
import { renewLease } from './load-lease.ts'

/** A short job is looked at within one attempt: each attempt of its own costs half a second. */
const SHORT_JOB_MS = 3_000
const SHORTEST_DELAY_MS = 100
const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 30_000

/**
 * Looks at a closed upstream job. While it is under way the look fails `NotYet` with the progress as its
 * message: the history does not grow, and operators read the message in the Temporal UI. Once it has ended
 * the load's lane is given back, so that Salesforce gets the next load while the results of this one are read.
 */
export function createPollLoad(deps: ActivityDependencies) {
  return async function pollLoad(input: PollLoadInput): Promise<PolledLoad> {
    return heartbeatWhile(() => poll(input))
  }

  async function poll({ jobId, loadNumber, holdsJob }: PollLoadInput): Promise<PolledLoad> {
    const { database } = deps
    const job = await createBulkJobQueries(database).get(jobId)
    const upstreams = createBulkUpstreamJobQueries(database)
    const upstream = await upstreams.findLive(jobId, loadNumber)
    if (!job || !upstream || upstream.salesforceJobId === null || upstream.closingAt === null) {
      throw internal(`Load ${loadNumber} of ${jobId} has no closed upstream job.`)
    }
    const lease = { connectionId: job.connectionId, jobId, loadNumber }
    await renewLease(database, lease)
    const client = await clientOfJob(deps, job)
    for (let delay = SHORTEST_DELAY_MS; ; delay = Math.min(delay * 2, FIRST_DELAY_MS)) {
      const seen = await lookAndNote(client, upstream, upstream.salesforceJobId)
      if (seen === null) return end('Gone', { recordsProcessed: 0, recordsFailed: 0 })
      const ended = endedState(seen)
      if (ended) return end(ended, seen)
      const { recordsProcessed, recordsFailed } = seen
      if (seen.state === 'Open') {
        // The close was announced and did not arrive. Closing the same job again is the only way forward.
        await client.ingest.close(seen.id)
        throw notYet('closed again', FIRST_DELAY_MS)
      }
      // Another load may hold the job for long: this one is then waited for as ever.
      if (holdsJob) return { upstreamState: 'Underway', recordsProcessed, recordsFailed }
      const elapsed = Date.now() - upstream.closingAt.getTime()
      if (elapsed > SHORT_JOB_MS) {
        throw notYet(
          `${seen.state} ${recordsProcessed.toLocaleString('en')} rows processed`,
          Math.min(Math.max(FIRST_DELAY_MS, elapsed * 0.05), LONGEST_DELAY_MS),
        )
      }
      await Context.current().sleep(delay)
    }

    async function end(
      upstreamState: EndedUpstreamState,
      { recordsProcessed, recordsFailed }: Pick<IngestJob, 'recordsProcessed' | 'recordsFailed'>,
    ): Promise<PolledLoad> {
      await createBulkLoadLeaseQueries(database).release(lease)
      return { upstreamState, recordsProcessed, recordsFailed }
    }
  }

  async function lookAndNote(
    client: SalesforceClient,
    upstream: BulkUpstreamJob,
    salesforceJobId: string,
  ): Promise<IngestJob | null> {
    await deps.failpoint('poll.before-get')
    const seen = await look(client, salesforceJobId)
    await deps.failpoint('poll.after-get')
    if (seen === null) return null
    await createBulkUpstreamJobQueries(deps.database).setProgress(upstream.upstreamId, {
      upstreamState: seen.state,
      recordsProcessed: seen.recordsProcessed,
      recordsFailed: seen.recordsFailed,
      errorMessage: seen.errorMessage,
    })
    await createBulkJobQueries(deps.database).refreshProcessed(upstream.jobId)
    return seen
  }
}

async function look(client: SalesforceClient, salesforceJobId: string): Promise<IngestJob | null> {
  try {
    return await client.ingest.get(salesforceJobId)
  } catch (error) {
    if (isSalesforceError(error) && error.kind === 'not_found') return null
    throw error
  }
}

/** The state that the job ended in; null while it has not. */
function endedState({ state }: IngestJob): EndedUpstreamState | null {
  switch (state) {
    case 'JobComplete':
    case 'Failed':
    case 'Aborted':
      return state
    case 'Open':
    case 'UploadComplete':
    case 'InProgress':
      return null
    default:
      return unreachable(state)
  }
}

function unreachable(state: never): never {
  throw internal(`Unknown upstream state ${String(state)}`)
}
