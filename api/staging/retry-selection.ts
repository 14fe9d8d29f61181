import { inputIssue } from '../../bulk/staging/input-issue.ts'
import { type BulkFailedRow, createBulkFailedRowQueries } from '../../db/bulk-failed-rows.ts'
import type { BulkJob } from '../../db/bulk-jobs.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkRetryClaimQueries } from '../../db/bulk-retry-claims.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { ApiError } from '../errors.ts'

const ROWS_AT_ONCE = 10_000
const MOST_ISSUES = 20

/** Which rows of a job go again. */
export type RetryWish =
  | { readonly kind: 'retryable' | 'failed' }
  | { readonly kind: 'rows'; readonly rowNumbers: readonly number[] }

/** Rows that another retry job has claimed already; its id is the answer. */
export class AlreadyRetriedError extends Error {
  override readonly name = 'AlreadyRetriedError'
  readonly retryJobId: string

  constructor(retryJobId: string) {
    super(`Already retried by ${retryJobId}.`)
    this.retryJobId = retryJobId
  }
}

/**
 * Chooses the rows of `parent` that go again and claims them for `retryJobId`, which `insert` makes. The parent's
 * row is held meanwhile: of two retries at once one gets the rows. Returns their numbers, ascending.
 * @throws {AlreadyRetriedError} where nothing is left because of another retry, {ApiError} for the rest.
 */
export async function claimRetryRows(
  transaction: DatabaseTransactionConnection,
  parent: BulkJob,
  retryJobId: string,
  wish: RetryWish,
  mayDuplicate: boolean,
  insert: () => Promise<void>,
): Promise<number[]> {
  await createBulkJobQueries(transaction).lock(parent.jobId)
  const free: number[] = []
  let claimedBy: string | null = null
  let risky = 0
  for await (const page of candidates(transaction, parent, wish)) {
    for (const row of page) {
      if (row.retryJobId !== null) {
        // Who names rows wants just these: a part of them would be a surprise.
        if (wish.kind === 'rows') throw new AlreadyRetriedError(row.retryJobId)
        claimedBy = row.retryJobId
        continue
      }
      if (isRisky(parent, row)) risky += 1
      free.push(row.rowNumber)
    }
  }
  if (free.length === 0) {
    if (claimedBy !== null) throw new AlreadyRetriedError(claimedBy)
    const which = wish.kind === 'retryable' ? 'is retryable' : 'is left to send again'
    throw new ApiError('nothing_to_retry', `No row of the job ${which}.`)
  }
  if (risky > 0 && !mayDuplicate) {
    const message = `Salesforce may have made, or may still make, records of ${risky} of these rows. Send "confirm": "may_duplicate" to send them all the same.`
    throw new ApiError('confirmation_required', message)
  }
  await insert()
  const claims = createBulkRetryClaimQueries(transaction)
  for (let first = 0; first < free.length; first += ROWS_AT_ONCE) {
    await claims.claim(parent, retryJobId, free.slice(first, first + ROWS_AT_ONCE))
  }
  return free
}

async function* candidates(
  transaction: DatabaseTransactionConnection,
  parent: BulkJob,
  wish: RetryWish,
): AsyncGenerator<readonly BulkFailedRow[]> {
  const failedRows = createBulkFailedRowQueries(transaction)
  if (wish.kind === 'rows') {
    const found = await failedRows.find(parent.jobId, wish.rowNumbers)
    const known = new Set(found.map((row) => row.rowNumber))
    const missing = wish.rowNumbers.filter((rowNumber) => !known.has(rowNumber))
    if (missing.length > 0) {
      const issues = missing
        .slice(0, MOST_ISSUES)
        .map((rowNumber) => inputIssue('row_not_retryable', notFailed(rowNumber), { rowNumber }))
      throw new ApiError('row_not_retryable', notFailed(missing[0] ?? 0), { issues })
    }
    yield found
    return
  }
  for (let afterRow = 0; ; ) {
    const page = await failedRows.list(parent.jobId, {
      afterRow,
      limit: ROWS_AT_ONCE,
      outcomes: ['failed', 'unprocessed', 'unknown'],
      retryableOnly: wish.kind === 'retryable',
    })
    const last = page[page.length - 1]
    if (last === undefined) return
    afterRow = last.rowNumber
    yield page
  }
}

/** An insert of which nobody knows that it did not, and will not, make its record. */
function isRisky(parent: BulkJob, row: BulkFailedRow): boolean {
  if (parent.operation !== 'insert') return false
  return (
    row.outcome === 'unknown' ||
    (row.outcome === 'unprocessed' && row.errorCode === 'upstream_aborted')
  )
}

function notFailed(rowNumber: number): string {
  return `Row ${rowNumber} is none of the rows that did not succeed.`
}
