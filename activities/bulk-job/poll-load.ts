import type { LoadReference, PolledLoad } from '../../contracts/bulk-job-steps.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkUpstreamJobQueries } from '../../db/bulk-upstream-jobs.ts'
import type { IngestJob, SalesforceClient } from '../../salesforce/client.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal, notYet } from '../failures.ts'
import { clientOfJob } from './client-of-job.ts'
import { renewLease } from './load-lease.ts'

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 30_000

/**
 * One look at a closed upstream job. While it is under way the look fails `NotYet` with the progress as its
 * message: the history does not grow, and operators read the message in the Temporal UI.
 */
export function createPollLoad(deps: ActivityDependencies) {
  return async function pollLoad({ jobId, loadNumber }: LoadReference): Promise<PolledLoad> {
    const { pool } = deps
    const job = await createBulkJobQueries(pool).get(jobId)
    const upstreams = createBulkUpstreamJobQueries(pool)
    const upstream = await upstreams.findLive(jobId, loadNumber)
    if (!job || !upstream || upstream.salesforceJobId === null || upstream.closingAt === null) {
      throw internal(`Load ${loadNumber} of ${jobId} has no closed upstream job.`)
    }
    await renewLease(pool, { connectionId: job.connectionId, jobId, loadNumber })
    const client = await clientOfJob(deps, job)
    await deps.failpoint('poll.before-get')
    const seen = await look(client, upstream.salesforceJobId)
    await deps.failpoint('poll.after-get')
    if (seen === null) return { upstreamState: 'Gone', recordsProcessed: 0, recordsFailed: 0 }
    await upstreams.setProgress(upstream.upstreamId, {
      upstreamState: seen.state,
      recordsProcessed: seen.recordsProcessed,
      recordsFailed: seen.recordsFailed,
      errorMessage: seen.errorMessage,
    })
    await createBulkJobQueries(pool).refreshProcessed(jobId)

    const elapsed = Date.now() - upstream.closingAt.getTime()
    switch (seen.state) {
      case 'JobComplete':
      case 'Failed':
      case 'Aborted':
        return {
          upstreamState: seen.state,
          recordsProcessed: seen.recordsProcessed,
          recordsFailed: seen.recordsFailed,
        }
      case 'Open':
        // The close was announced and did not arrive. Closing the same job again is the only way forward.
        await client.ingest.close(seen.id)
        throw notYet('closed again', FIRST_DELAY_MS)
      case 'UploadComplete':
      case 'InProgress':
        if (job.state === 'Blocked') {
          return {
            upstreamState: 'Underway',
            recordsProcessed: seen.recordsProcessed,
            recordsFailed: seen.recordsFailed,
          }
        }
        throw notYet(
          `${seen.state} ${seen.recordsProcessed.toLocaleString('en')} rows processed`,
          Math.min(Math.max(FIRST_DELAY_MS, elapsed * 0.05), LONGEST_DELAY_MS),
        )
      default:
        return unreachable(seen.state)
    }
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

function unreachable(state: never): never {
  throw internal(`Unknown upstream state ${String(state)}`)
}
