import type { AbortedLoad, LoadReference } from '../../contracts/bulk-job-steps.ts'
import { type BulkJob, createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkLaneWishQueries } from '../../db/bulk-lane-wishes.ts'
import { createBulkLoadLeaseQueries } from '../../db/bulk-load-leases.ts'
import { createBulkLoadQueries } from '../../db/bulk-loads.ts'
import { createBulkUpstreamJobQueries } from '../../db/bulk-upstream-jobs.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal, superseded } from '../failures.ts'
import { clientOfJob } from './client-of-job.ts'
import { heartbeatWhile } from './heartbeat.ts'

/**
 * Stops a load for a cancelled job. Before `closing` the upstream job is abandoned: committed first, and the
 * abort call after it is housekeeping. From `closing` on the abort is asked for, and the results tell the rest.
 */
export function createAbortLoad(deps: ActivityDependencies) {
  const { database, failpoint } = deps

  return async function abortLoad({ jobId, loadNumber }: LoadReference): Promise<AbortedLoad> {
    const job = await createBulkJobQueries(database).get(jobId)
    const load = await createBulkLoadQueries(database).get(jobId, loadNumber)
    if (!job || !load) throw internal(`Load ${loadNumber} of ${jobId} does not exist.`)
    if (load.state === 'settled') return { status: 'settled' }
    return heartbeatWhile(() => abort(job, jobId, loadNumber))
  }

  async function abort(job: BulkJob, jobId: string, loadNumber: number): Promise<AbortedLoad> {
    const { connectionId } = job
    const upstreams = createBulkUpstreamJobQueries(database)
    const upstream = await upstreams.takeOver(jobId, loadNumber)

    if (upstream === null || (upstream.state !== 'closing' && upstream.state !== 'done')) {
      if (upstream) {
        await failpoint('abort.before-abandoned')
        if (!(await upstreams.move(upstream, 'abandoned'))) throw superseded('The upstream job')
        await failpoint('abort.after-abandoned')
        // Housekeeping: an Open job that nobody closes writes nothing, whatever becomes of this call.
        await askToAbort(upstream.salesforceJobId).catch((error: unknown) => {
          deps.logger.warn({ jobId, loadNumber, err: error }, 'abort of an abandoned job failed')
        })
      }
      await createBulkLoadQueries(database).setState(jobId, loadNumber, 'planned')
      await createBulkLaneWishQueries(database).withdraw({ connectionId, jobId, loadNumber })
      await createBulkLoadLeaseQueries(database).release({ connectionId, jobId, loadNumber })
      return { status: 'never_closed' }
    }
    await failpoint('abort.before-call')
    await askToAbort(upstream.salesforceJobId)
    await failpoint('abort.after-call')
    return { status: 'closed' }

    async function askToAbort(salesforceJobId: string | null): Promise<void> {
      if (salesforceJobId === null) return
      try {
        const client = await clientOfJob(deps, job)
        await client.ingest.abort(salesforceJobId)
      } catch (error) {
        // It ended by itself, or is gone: polling sees which. Anything else is tried again.
        if (
          isSalesforceError(error) &&
          ['invalid_state', 'not_found', 'invalid_request'].includes(error.kind)
        )
          return
        throw error
      }
    }
  }
}
