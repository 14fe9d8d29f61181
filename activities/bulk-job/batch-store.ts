import { decodeRowResults, encodeRowResults } from '../../bulk/row-results-blob.ts'
import { decodeWireBatch, openStagedBatch, type WireBatch } from '../../bulk/staged-batch-blob.ts'
import type { StagedBatch } from '../../contracts/bulk-job.ts'
import { blobContext, createBulkBatchBlobQueries } from '../../db/bulk-batch-blobs.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import type { Sealing } from '../../security/sealing.ts'
import type { BatchResults } from './load-results.ts'

/** Blobs read in one query, and their bytes: bounds memory, and still few round trips. */
const BLOBS_AT_ONCE = 25
const BYTES_AT_ONCE = 8_000_000

interface Job {
  readonly jobId: string
  readonly workspaceId: string
}

export type BatchStore = ReturnType<typeof createBatchStore>

/** Batches as values: opens and seals, compresses and decompresses. */
export function createBatchStore(connection: CommonQueryMethods, sealing: Sealing) {
  const blobs = createBulkBatchBlobQueries(connection)

  /** The staged batches of a range as they are stored, in order, a few in memory at a time. */
  async function* wire(
    jobId: string,
    from: number,
    to: number,
  ): AsyncGenerator<{ readonly batchNumber: number; readonly wire: WireBatch }> {
    for (let next = from; next <= to; ) {
      const last = Math.min(to, next + BLOBS_AT_ONCE - 1)
      const page = await blobs.list(jobId, 'rows', next, last, BYTES_AT_ONCE)
      for (const { batchNumber, body } of page) {
        const opened = sealing.open(blobContext(jobId, 'rows', batchNumber), body)
        yield { batchNumber, wire: openStagedBatch(opened) }
        next = batchNumber + 1
      }
      if (page.length === 0) next = last + 1
    }
  }

  return {
    wire,

    /** The same with their cells. */
    async *staged(
      jobId: string,
      from: number,
      to: number,
    ): AsyncGenerator<{ readonly batchNumber: number; readonly batch: StagedBatch }> {
      for await (const stored of wire(jobId, from, to)) {
        yield { batchNumber: stored.batchNumber, batch: decodeWireBatch(stored.wire) }
      }
    },

    /** What is known of the rows of these batches so far; a batch of which nothing is known is left out. */
    async outcomesOf(jobId: string, batchNumbers: readonly number[]): Promise<BatchResults[]> {
      const found = await blobs.listOf(jobId, 'outcomes', batchNumbers)
      return found.map(({ batchNumber, body }) => {
        const opened = sealing.open(blobContext(jobId, 'outcomes', batchNumber), body)
        return { batchNumber, results: decodeRowResults(opened) }
      })
    },

    /** All in one statement. */
    async putOutcomes(job: Job, batches: readonly BatchResults[]): Promise<void> {
      const sealed = batches.map(({ batchNumber, results }) => {
        const context = blobContext(job.jobId, 'outcomes', batchNumber)
        return { batchNumber, body: sealing.seal(context, encodeRowResults(results)) }
      })
      await blobs.put(job, 'outcomes', sealed)
    },
  }
}
