import { INPUT_ISSUE_CODES } from '../../bulk/staging/input-issue.ts'
import { ROW_ISSUE_CODES } from '../../contracts/row-check.ts'
import type { ErrorCode } from '../errors.ts'

/** What can be wrong with any JSON body. */
export const BODY_CODES: readonly ErrorCode[] = [
  'missing_required_field',
  'invalid_request',
  'unknown_parameter',
  'invalid_json',
  'invalid_utf8',
  'body_incomplete',
  'payload_too_large',
  'invalid_encoding',
  'unsupported_encoding',
  'compression_ratio_exceeded',
  'unsupported_media_type',
  'request_timeout',
]

/** Everything that can be wrong with what is sent to make a job. */
export const CREATE_CODES: readonly ErrorCode[] = [
  'missing_required_field',
  'invalid_operation',
  'invalid_request',
  'authentication_failed',
  'connection_not_found',
  'no_records',
  'data_too_large',
  'payload_too_large',
  'invalid_encoding',
  'unsupported_encoding',
  'compression_ratio_exceeded',
  'unsupported_media_type',
  'request_timeout',
  'invalid_idempotency_key',
  'idempotency_in_progress',
  'idempotency_key_reused',
  'upload_superseded',
  'insufficient_storage',
  ...INPUT_ISSUE_CODES.filter((code) => code !== 'row_not_retryable'),
  ...ROW_ISSUE_CODES,
]
