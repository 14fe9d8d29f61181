import { decodeRowResults, decodeStagedBatch, encodeRowResults } from '../../bulk/batch-blob.ts'
import type { RowResult, StagedBatch } from '../../contracts/bulk-job.ts'
import { blobContext, createBulkBatchBlobQueries } from '../../db/bulk-batch-blobs.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import type { Sealing } from '../../security/sealing.ts'

/** Blobs read in one query: bounds memory, and still few round trips. */
const BLOBS_AT_ONCE = 25

interface Job {
  readonly jobId: string
  readonly workspaceId: string
}

export interface NumberedBatch {
  readonly batchNumber: number
  readonly batch: StagedBatch
}

export type BatchStore = ReturnType<typeof createBatchStore>

/** Batches as values: opens and seals, compresses and decompresses. */
export function createBatchStore(connection: CommonQueryMethods, sealing: Sealing) {
  const blobs = createBulkBatchBlobQueries(connection)

  return {
    /** The staged batches of a range, in order, a few in memory at a time. */
    async *staged(jobId: string, from: number, to: number): AsyncGenerator<NumberedBatch> {
      for (let first = from; first <= to; first += BLOBS_AT_ONCE) {
        const page = await blobs.list(jobId, 'rows', first, Math.min(to, first + BLOBS_AT_ONCE - 1))
        for (const blob of page) {
          const body = sealing.open(blobContext(jobId, 'rows', blob.batchNumber), blob.body)
          yield { batchNumber: blob.batchNumber, batch: await decodeStagedBatch(body) }
        }
      }
    },

    /** What is known of the rows of these batches so far, by batch number. */
    async outcomes(jobId: string, from: number, to: number): Promise<Map<number, RowResult[]>> {
      const found = new Map<number, RowResult[]>()
      for (const blob of await blobs.list(jobId, 'outcomes', from, to)) {
        const body = sealing.open(blobContext(jobId, 'outcomes', blob.batchNumber), blob.body)
        found.set(blob.batchNumber, await decodeRowResults(body))
      }
      return found
    },

    async putOutcomes(
      job: Job,
      outcomes: ReadonlyMap<number, readonly RowResult[]>,
    ): Promise<void> {
      const sealed = []
      for (const [batchNumber, results] of outcomes) {
        const body = await encodeRowResults(results)
        sealed.push({
          batchNumber,
          body: sealing.seal(blobContext(job.jobId, 'outcomes', batchNumber), body),
        })
        if (sealed.length === BLOBS_AT_ONCE) await blobs.put(job, 'outcomes', sealed.splice(0))
      }
      await blobs.put(job, 'outcomes', sealed)
    },
  }
}
