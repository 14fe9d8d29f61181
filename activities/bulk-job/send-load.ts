import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Context } from '@temporalio/activity'
import type { LoadReference, SentLoad } from '../../contracts/bulk-job-steps.ts'
import { type BulkJob, createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { type BulkLoad, createBulkLoadQueries } from '../../db/bulk-loads.ts'
import { type BulkUpstreamJob, createBulkUpstreamJobQueries } from '../../db/bulk-upstream-jobs.ts'
import type { SalesforceClient } from '../../salesforce/client.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal, notYet, superseded, unavailable } from '../failures.ts'
import { clientOfJob } from './client-of-job.ts'
import { type EncodedLoad, encodeLoad } from './encode-load.ts'
import { heartbeatWhile } from './heartbeat.ts'
import { keepLane, renewLease } from './load-lease.ts'
import type { TransferTurns } from './transfer-turns.ts'

const UPLOAD_PIECE_BYTES = 256 * 1024
const LANE_DELAY_MS = 2_000

/**
 * Brings a load to the point of no return: created, uploaded, closed. Each state is committed, fenced,
 * before the call that it announces, so that an attempt that died anywhere leaves a row that says how far
 * it can have come:
 * - `creating`: at most an empty, nameless job exists upstream, which nobody closes. A new one is made.
 * - `created`, `uploaded`: nothing is under way; the new attempt goes on with the same job.
 * - `uploading`: a body may be there in full or in part. The job is abandoned, never closed, and a new one is made.
 * - `closing`: rows may be written. Only the same job may be closed again; nothing is uploaded anywhere else.
 */
export function createSendLoad(deps: ActivityDependencies, turns: TransferTurns) {
  return async function sendLoad({ jobId, loadNumber }: LoadReference): Promise<SentLoad> {
    const { database, failpoint } = deps
    const upstreams = createBulkUpstreamJobQueries(database)
    const job = await createBulkJobQueries(database).get(jobId)
    const load = await createBulkLoadQueries(database).get(jobId, loadNumber)
    if (!job || !load) throw internal(`Load ${loadNumber} of ${jobId} does not exist.`)
    if (load.state === 'settled') return { status: 'settled' }
    const lease = { connectionId: job.connectionId, jobId, loadNumber }

    return heartbeatWhile(
      async () => {
        const signal = Context.current().cancellationSignal
        const client = await clientOfJob(deps, job, signal)
        await createBulkLoadQueries(database).setState(jobId, loadNumber, 'sending')
        const upstream = await takeUpstreamJob(job, load)
        if (upstream.state === 'closing' || upstream.state === 'done') {
          return closeUpstream(upstream, client, signal)
        }
        if (!(await keepLane(database, lease, deps.bulk.lanes))) {
          throw notYet('the lane ran out while the load waited to be sent', LANE_DELAY_MS)
        }
        // The body is complete on disk before anything is announced: the PUT then has a Content-Length,
        // and a body that cannot be encoded leaves no job upstream.
        const body =
          upstream.state === 'uploaded'
            ? null
            : await turns.encode(() => {
                signal.throwIfAborted()
                return encodeLoad(deps, job, load)
              })
        try {
          const created = await createUpstream(upstream, job, client, signal)
          const uploaded = body ? await uploadBody(created, body, client, signal) : created
          return await closeUpstream(uploaded, client, signal)
        } finally {
          await body?.dispose()
        }
      },
      () => renewLease(database, lease),
    )

    /** The live upstream job with a new epoch; one that may hold a body is abandoned for a new one. */
    async function takeUpstreamJob(job: BulkJob, load: BulkLoad): Promise<BulkUpstreamJob> {
      const taken = await upstreams.takeOver(load.jobId, load.loadNumber)
      if (taken && taken.state !== 'uploading') return taken
      if (taken) {
        await abandon(taken)
        await housekeepingAbort(taken.salesforceJobId, await clientOfJob(deps, job))
      }
      await failpoint('send.before-creating')
      const upstreamId = randomUUID()
      await database.transaction(async (transaction) => {
        // Two attempts at once: the row of the load decides which of them makes the one live upstream job. Not the
        // job's row: a frozen process would hold that once for each load it sends, one after the other.
        const now = await createBulkLoadQueries(transaction).lock(load.jobId, load.loadNumber)
        const within = createBulkUpstreamJobQueries(transaction)
        // Settled as never sent, while this attempt was frozen: its rows have been reported so.
        if (now?.state === 'settled' || (await within.findLive(load.jobId, load.loadNumber)))
          throw superseded(`Load ${load.loadNumber}`)
        await within.insert({
          upstreamId,
          jobId: load.jobId,
          loadNumber: load.loadNumber,
          workspaceId: load.workspaceId,
          connectionId: job.connectionId,
        })
      })
      await failpoint('send.after-creating')
      const made = await upstreams.takeOver(load.jobId, load.loadNumber)
      if (made?.upstreamId !== upstreamId) throw superseded(`Load ${load.loadNumber}`)
      return made
    }

    async function abandon(upstream: BulkUpstreamJob): Promise<void> {
      await failpoint('send.before-abandoned')
      if (!(await upstreams.move(upstream, 'abandoned'))) throw superseded('The upstream job')
      await failpoint('send.after-abandoned')
    }

    /** Its answer decides nothing: an Open job that nobody closes writes nothing and runs out by itself. */
    async function housekeepingAbort(
      salesforceJobId: string | null,
      client: SalesforceClient,
    ): Promise<void> {
      if (salesforceJobId === null) return
      try {
        await client.ingest.abort(salesforceJobId)
      } catch (error) {
        deps.logger.warn(
          { jobId, loadNumber, salesforceJobId, err: error },
          'abort of an abandoned job failed',
        )
      }
    }

    async function createUpstream(
      upstream: BulkUpstreamJob,
      job: BulkJob,
      client: SalesforceClient,
      signal: AbortSignal,
    ): Promise<BulkUpstreamJob> {
      if (upstream.state !== 'creating') return upstream
      await failpoint('send.before-create-call')
      const answer = await client.ingest.create(
        { object: job.objectType, operation: job.operation, externalIdField: job.externalIdField },
        signal,
      )
      await failpoint('send.after-create-call')
      if (!(await upstreams.move(upstream, 'created', answer.id))) {
        await housekeepingAbort(answer.id, client)
        throw superseded('The upstream job')
      }
      await failpoint('send.after-created')
      return { ...upstream, state: 'created', salesforceJobId: answer.id }
    }

    async function uploadBody(
      upstream: BulkUpstreamJob,
      body: EncodedLoad,
      client: SalesforceClient,
      signal: AbortSignal,
    ): Promise<BulkUpstreamJob> {
      const salesforceJobId = idOf(upstream)
      const contentUrl = await openContentUrl(upstream, client, signal)
      await failpoint('send.before-uploading')
      if (!(await upstreams.move(upstream, 'uploading'))) throw superseded('The upstream job')
      await failpoint('send.after-uploading')
      try {
        await client.ingest.upload(
          { id: salesforceJobId, contentUrl },
          {
            stream: () => createReadStream(body.path, { highWaterMark: UPLOAD_PIECE_BYTES }),
            contentLength: body.bytes,
          },
          signal,
        )
      } catch (error) {
        // Whatever the answer was: this job got its one PUT. The next attempt abandons it and makes another.
        await failpoint('send.after-upload-failure')
        if (isSalesforceError(error) && ['invalid_state', 'not_found'].includes(error.kind)) {
          throw unavailable(`The upstream job takes no body (${error.message}); another is made.`)
        }
        throw error
      }
      await failpoint('send.after-upload-call')
      if (!(await upstreams.move(upstream, 'uploaded'))) throw superseded('The upstream job')
      await failpoint('send.after-uploaded')
      return { ...upstream, state: 'uploaded' }
    }

    /** Where the body goes. A job that is gone or no longer Open takes none: nothing was sent, so another is made. */
    async function openContentUrl(
      upstream: BulkUpstreamJob,
      client: SalesforceClient,
      signal: AbortSignal,
    ): Promise<string> {
      try {
        const seen = await client.ingest.get(idOf(upstream), signal)
        if (seen.state === 'Open') return seen.contentUrl
      } catch (error) {
        if (!isSalesforceError(error) || error.kind !== 'not_found') throw error
      }
      await abandon(upstream)
      throw unavailable('The upstream job ended before it got its body; another is made.')
    }

    async function closeUpstream(
      upstream: BulkUpstreamJob,
      client: SalesforceClient,
      signal: AbortSignal,
    ): Promise<SentLoad> {
      const salesforceJobId = idOf(upstream)
      if (upstream.state === 'done') return { status: 'sent', salesforceJobId }
      if (upstream.state === 'uploaded') {
        await failpoint('send.before-closing')
        if (!(await upstreams.move(upstream, 'closing'))) throw superseded('The upstream job')
        await failpoint('send.after-closing')
      }
      try {
        await failpoint('send.before-close-call')
        await client.ingest.close(salesforceJobId, signal)
        await failpoint('send.after-close-call')
      } catch (error) {
        // Closed before, aborted or removed: polling finds out which. Nothing may be made anew from here on.
        if (
          !isSalesforceError(error) ||
          !['invalid_state', 'not_found', 'invalid_request'].includes(error.kind)
        ) {
          throw error
        }
      }
      await createBulkLoadQueries(database).setState(jobId, loadNumber, 'sent')
      await failpoint('send.after-sent')
      return { status: 'sent', salesforceJobId }
    }
  }
}

function idOf(upstream: BulkUpstreamJob): string {
  if (upstream.salesforceJobId === null) {
    throw internal(`Upstream job ${upstream.upstreamId} is ${upstream.state} without an id.`)
  }
  return upstream.salesforceJobId
}
