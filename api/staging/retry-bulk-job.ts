import { setTimeout as sleep } from 'node:timers/promises'
import { decodeStagedBatch } from '../../bulk/staged-batch-blob.ts'
import type { ColumnRegistry } from '../../bulk/staging/column-registry.ts'
import { readJsonRecords } from '../../bulk/staging/read-json-records.ts'
import type { ReadPage, ReadRow } from '../../bulk/staging/read-row.ts'
import { isTerminalBulkJobState } from '../../contracts/bulk-job.ts'
import type { RetryBulkJob } from '../../contracts/http/bulk-jobs.ts'
import { blobContext, createBulkBatchBlobQueries } from '../../db/bulk-batch-blobs.ts'
import { createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import { type BulkJob, createBulkJobQueries } from '../../db/bulk-jobs.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { newBulkJobId } from '../job-id.ts'
import type { Accepted, AcceptRequest, Intake } from './accept-bulk-job.ts'
import { AlreadyRetriedError, claimRetryRows, type RetryWish } from './retry-selection.ts'

const BATCHES_AT_ONCE = 20
/** How long a second retry waits to hear whether the first one came to something. */
const OTHER_RETRY_MS = 10_000
const POLL_MS = 50

/** Sends rows of an ended job again, as a new job that is linked to it and keeps their numbers. */
export interface Retrier {
  /** @throws {ApiError} */
  retry(parent: BulkJob, asked: RetryBulkJob, request: RetryRequest): Promise<Accepted>
}

/** What `AcceptRequest` holds of the request itself. */
type RetryRequest = Pick<AcceptRequest, 'idempotencyKey' | 'route' | 'requestHash' | 'onAccept'> & {
  readonly requestId: string
}

export function createRetrier(deps: ApiDependencies, intake: Intake): Retrier {
  function acceptOnce(
    parent: BulkJob,
    asked: RetryBulkJob,
    { requestId, ...request }: RetryRequest,
  ): Promise<Accepted> {
    const corrected = Array.isArray(asked.rows) ? sortedRows(asked.rows) : null
    const wish: RetryWish = Array.isArray(asked.rows)
      ? { kind: 'rows', rowNumbers: (corrected ?? []).map((each) => each.row_number) }
      : { kind: asked.rows }
    const jobId = newBulkJobId(parent.objectType, parent.operation)
    let rowNumbers: readonly number[] = []
    return intake.accept({
      ...request,
      job: {
        jobId,
        workspaceId: parent.workspaceId,
        connectionId: parent.connectionId,
        userId: parent.userId,
        operation: parent.operation,
        objectType: parent.objectType,
        externalIdField: parent.externalIdField,
        correlationField: parent.correlationField,
        retryOf: parent.jobId,
        requestId,
        createdBy: parent.createdBy,
      },
      open: async (transaction, insert) => {
        const confirmed = asked.confirm === 'may_duplicate'
        rowNumbers = await claimRetryRows(transaction, parent, jobId, wish, confirmed, insert)
      },
      rows: (registry) =>
        corrected === null
          ? stagedRows(parent, rowNumbers, registry)
          : readJsonRecords(
              corrected.map((each) => each.record),
              registry,
              rowNumbers,
            ),
    })
  }

  /** The rows as they were staged for the parent. */
  async function* stagedRows(
    parent: BulkJob,
    rowNumbers: readonly number[],
    registry: ColumnRegistry,
  ): AsyncGenerator<ReadPage> {
    const database = deps.database.workspace(parent.workspaceId)
    const blobs = createBulkBatchBlobQueries(database)
    const batches = createBulkJobBatchQueries(database)
    let next = 0
    while (next < rowNumbers.length) {
      const wanted = rowNumbers[next] ?? 0
      const [holder] = await batches.listOverlapping(parent.jobId, wanted, wanted)
      if (holder === undefined) throw gone(parent)
      const from = holder.batchNumber
      const page = await blobs.list(parent.jobId, 'rows', from, from + BATCHES_AT_ONCE - 1)
      const before = next
      for (const { batchNumber, body } of page) {
        const context = blobContext(parent.jobId, 'rows', batchNumber)
        const batch = decodeStagedBatch(deps.sealing.open(context, body))
        const columns = registry.shape(batch.columns)
        const rows: ReadRow[] = []
        for (const { rowNumber, cells } of batch.rows) {
          if (rowNumber !== rowNumbers[next]) continue
          rows.push({ rowNumber, line: null, columns, cells: [...cells] })
          next += 1
        }
        if (rows.length > 0) yield { rows, issues: [] }
      }
      if (next === before) throw gone(parent)
    }
  }

  /** Whether the other retry came to something; false where it gave its rows back. */
  async function cameToSomething(parent: BulkJob, retryJobId: string): Promise<boolean> {
    const jobs = createBulkJobQueries(deps.database.workspace(parent.workspaceId))
    const deadline = Date.now() + OTHER_RETRY_MS
    for (;;) {
      const job = await jobs.get(retryJobId)
      if (job === null) return false
      if (job.state !== 'Staging' || Date.now() > deadline) return true
      await sleep(POLL_MS)
    }
  }

  return {
    async retry(parent, asked, request) {
      if (!isTerminalBulkJobState(parent.state)) {
        const message = 'Only a job that has ended can be retried. Wait for its end, or cancel it.'
        throw new ApiError('job_not_terminal', message)
      }
      if (parent.purgedAt !== null) throw gone(parent)
      for (;;) {
        try {
          return await acceptOnce(parent, asked, request)
        } catch (error) {
          if (!(error instanceof AlreadyRetriedError)) throw error
          if (!(await cameToSomething(parent, error.retryJobId))) continue
          const message = `These rows are sent again by the job ${error.retryJobId} already.`
          throw new ApiError('already_retried', message, { jobId: error.retryJobId })
        }
      }
    },
  }
}

function sortedRows(rows: Extract<RetryBulkJob['rows'], readonly unknown[]>) {
  const sorted = [...rows].sort((left, right) => left.row_number - right.row_number)
  const twice = sorted.find((row, at) => row.row_number === sorted[at - 1]?.row_number)
  if (twice !== undefined) {
    throw new ApiError('invalid_request', `The row ${twice.row_number} is given more than once.`)
  }
  return sorted
}

function gone(parent: BulkJob): ApiError {
  return new ApiError('job_purged', `The rows of ${parent.jobId} were removed after their time.`)
}
