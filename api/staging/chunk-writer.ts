import { encodeWireBatch } from '../../bulk/staged-batch-blob.ts'
import type { CutBatch } from '../../bulk/staging/cut-batches.ts'
import { blobContext, createBulkBatchBlobQueries } from '../../db/bulk-batch-blobs.ts'
import { createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

const BATCHES_A_CHUNK = 25
const BYTES_A_CHUNK = 8_000_000
/** A staging that shows no life is swept, and its key given away; slow uploads show some. */
const SIGN_OF_LIFE_MS = 15_000

export interface ChunkWriter {
  /** Takes a batch. Waits while the chunk before last is still being committed: that is the back-pressure. */
  add(batch: CutBatch): Promise<void>
  /** To be called now and then while the caller is slow. */
  keepAlive(): Promise<void>
  /** Commits the rest; resolves when all is in the database. */
  finish(): Promise<void>
  /** Lets go of what is not yet committed; resolves when nothing is under way. */
  abandon(): Promise<void>
}

/** Commits batches in chunks, one chunk at a time, while the next one is being read. */
export function createChunkWriter(
  deps: ApiDependencies,
  job: { readonly jobId: string; readonly workspaceId: string },
): ChunkWriter {
  const database = deps.database.workspace(job.workspaceId)
  let chunk: CutBatch[] = []
  let chunkBytes = 0
  let committing: Promise<void> = Promise.resolve()
  let lastCommit = Date.now()
  let bytesLeft: number | null = null

  async function write(batches: readonly CutBatch[]): Promise<void> {
    const blobs = batches.map(({ batchNumber, columns, rowNumbers, lines }) => ({
      batchNumber,
      body: deps.sealing.seal(
        blobContext(job.jobId, 'rows', batchNumber),
        encodeWireBatch(columns, rowNumbers, lines),
      ),
    }))
    const bytes = blobs.reduce((sum, blob) => sum + blob.body.length, 0)
    const rows = batches.reduce((sum, batch) => sum + batch.rowNumbers.length, 0)
    await requireRoom(bytes)
    const added = await database.transaction(async (transaction) => {
      if (!(await createBulkJobQueries(transaction).addStaged(job.jobId, rows, bytes))) return false
      if (batches.length === 0) return true
      await createBulkJobBatchQueries(transaction).insert(
        job,
        batches.map(({ batchNumber, rowNumbers, encodedBytes }) => ({
          batchNumber,
          firstRow: rowNumbers[0] ?? 0,
          lastRow: rowNumbers[rowNumbers.length - 1] ?? 0,
          rowCount: rowNumbers.length,
          encodedBytes,
        })),
      )
      await createBulkBatchBlobQueries(transaction).put(job, 'rows', blobs)
      return true
    })
    lastCommit = Date.now()
    if (!added) {
      const message = 'The upload stood still for too long and was given up. Send it again.'
      throw new ApiError('upload_superseded', message)
    }
  }

  async function requireRoom(bytes: number): Promise<void> {
    bytesLeft ??=
      deps.settings.stagingQuotaBytes -
      (await createBulkJobQueries(database).stagedBytes(job.workspaceId))
    bytesLeft -= bytes
    if (bytesLeft < 0) {
      const message =
        'The rows of jobs that are kept fill the quota. Wait until older ones are removed, or raise it.'
      throw new ApiError('insufficient_storage', message)
    }
    if ((await deps.freeDiskBytes()) - bytes < deps.settings.diskReserveBytes) {
      throw new ApiError('insufficient_storage', 'The disk is nearly full; no rows are taken.')
    }
  }

  async function commit(): Promise<void> {
    const batches = chunk
    chunk = []
    chunkBytes = 0
    await committing
    committing = write(batches)
    // Whoever waits next gets the error; until then it is not unhandled.
    committing.catch(() => undefined)
  }

  return {
    async add(batch) {
      chunk.push(batch)
      chunkBytes += batch.encodedBytes
      if (chunk.length >= BATCHES_A_CHUNK || chunkBytes >= BYTES_A_CHUNK) await commit()
    },
    async keepAlive() {
      if (Date.now() - lastCommit > SIGN_OF_LIFE_MS) {
        lastCommit = Date.now()
        await commit()
      }
    },
    async finish() {
      if (chunk.length > 0) await commit()
      await committing
    },
    async abandon() {
      chunk = []
      // Its failure is why the staging is abandoned, or no longer matters.
      await committing.catch(() => undefined)
    },
  }
}
