import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { BlobFormError } from '../bulk/blob-frame.ts'
import { ResultFileError } from '../bulk/result-lines.ts'
import type { BlockReason } from '../contracts/bulk-job.ts'
import type { BlockedDetails } from '../contracts/bulk-job-steps.ts'
import { FAILURE_TYPES } from '../contracts/failure-types.ts'
import { isSalesforceError, type SalesforceError } from '../salesforce/errors.ts'
import { SealingError } from '../security/sealing.ts'

const UNREADABLE_ATTEMPTS = 5
const LONGEST_PAUSE_MS = 5 * 60_000

/** A person can mend it: the job parks as `Blocked`. */
export function blocked(reason: BlockReason, detail: string, cause?: Error): ApplicationFailure {
  const details: BlockedDetails = { reason, detail }
  return ApplicationFailure.create({
    type: FAILURE_TYPES.blocked,
    message: `${reason}: ${detail}`,
    nonRetryable: true,
    details: [details],
    ...(cause ? { cause } : {}),
  })
}

/** Expected: look again after `delayMs`. `progress` is what operators read meanwhile. */
export function notYet(progress: string, delayMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: FAILURE_TYPES.notYet,
    message: progress,
    category: 'BENIGN',
    nextRetryDelay: Math.max(1, Math.round(delayMs)),
  })
}

/** Another attempt owns the work; this one must end without touching anything. */
export function superseded(what: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: FAILURE_TYPES.superseded,
    message: `${what} was taken over by another attempt`,
    nonRetryable: true,
  })
}

/** Passing trouble: Temporal tries again. */
export function unavailable(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: FAILURE_TYPES.unavailable, message })
}

/** A state that should not be. Repeated by Temporal for a while, since a deploy may mend it. */
export function internal(message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type: FAILURE_TYPES.internal,
    message,
    ...(cause instanceof Error ? { cause } : {}),
  })
}

/** The one table from any error to what Temporal is told. */
export function toFailure(error: unknown, attempt: number): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error
  if (isSalesforceError(error)) return fromSalesforce(error)
  // Wrong key or damaged bytes: no repeat mends that, a person may.
  if (error instanceof SealingError || error instanceof BlobFormError) {
    return blocked('internal_error', error.message, error)
  }
  // Once may be a broken proxy on the way; again and again it is the file.
  if (error instanceof ResultFileError && attempt >= UNREADABLE_ATTEMPTS) {
    return blocked('results_unreadable', error.message, error)
  }
  if (error instanceof Error) return internal(`${error.name}: ${error.message}`, error)
  return internal(String(error))
}

function fromSalesforce(error: SalesforceError): Error {
  const said = error.errorCode ? `${error.errorCode}: ${error.message}` : error.message
  switch (error.kind) {
    case 'authentication':
      return blocked('authentication_failed', said, error)
    case 'permission':
      return blocked('permission_missing', said, error)
    case 'feature_not_enabled':
    case 'api_disabled':
      return blocked('api_disabled', said, error)
    case 'quota_daily':
      return blocked('quota_exhausted', said, error)
    case 'storage_exhausted':
      return blocked('storage_exhausted', said, error)
    case 'quota_concurrent':
    case 'rate_limited':
    case 'unavailable':
    case 'no_answer':
    case 'not_sent':
    case 'invalid_answer':
      return ApplicationFailure.create({
        type: FAILURE_TYPES.unavailable,
        message: said,
        cause: error,
        // A day, as some maintenance pages say, could not be cut short by a wake.
        ...(error.retryAfterMs === null
          ? {}
          : { nextRetryDelay: Math.min(error.retryAfterMs, LONGEST_PAUSE_MS) }),
      })
    case 'aborted':
      return new CancelledFailure(said)
    case 'not_found':
    case 'invalid_state':
    case 'invalid_request':
      // Salesforce will say so as often as it is asked.
      return blocked('request_refused', said, error)
    default:
      return unreachable(error.kind)
  }
}

function unreachable(kind: never): never {
  throw new Error(`No failure for ${String(kind)}`)
}
