import type { InputIssue, InputIssueCode } from '../bulk/staging/input-issue.ts'
import type { ConnectionFailure } from '../contracts/connection.ts'
import type { RowIssueCode } from '../contracts/row-check.ts'
import type { SoqlQueryFailure } from '../contracts/soql-query.ts'
import type { SoqlError, SoqlErrorCode } from '../soql/soql-error.ts'

interface ErrorKind {
  readonly status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 406
    | 408
    | 409
    | 410
    | 413
    | 415
    | 422
    | 429
    | 500
    | 503
    | 504
    | 507
  readonly title: string
}

/** Every code that a caller can get, with its one status. Codes are stable. */
const ERROR_KINDS = {
  address_not_allowed: { status: 403, title: 'Address not allowed' },
  invalid_request: { status: 400, title: 'Invalid request' },
  unknown_parameter: { status: 400, title: 'Unknown parameter' },
  invalid_cursor: { status: 400, title: 'Invalid cursor' },
  missing_required_field: { status: 400, title: 'Required field missing' },
  missing_user_id: { status: 400, title: 'user_id missing' },
  invalid_operation: { status: 400, title: 'Unknown operation' },
  no_records: { status: 400, title: 'No records' },
  data_too_large: { status: 400, title: 'Too many records' },
  invalid_type: { status: 400, title: 'Unknown type of analytics' },
  invalid_date_range: { status: 400, title: 'Unknown range of days' },
  invalid_event: { status: 400, title: 'Unknown event type' },
  authentication_failed: { status: 400, title: 'No Salesforce connection' },
  invalid_idempotency_key: { status: 400, title: 'Invalid Idempotency-Key' },
  body_incomplete: { status: 400, title: 'Body incomplete' },
  invalid_encoding: { status: 400, title: 'Body does not decompress' },
  invalid_json: { status: 400, title: 'Not JSON' },
  invalid_csv: { status: 400, title: 'Not CSV' },
  invalid_payload: { status: 400, title: 'Payload does not open' },
  invalid_utf8: { status: 400, title: 'Not UTF-8' },
  number_out_of_range: { status: 400, title: 'Number that cannot be stored' },
  invalid_character: { status: 400, title: 'Character that cannot be stored' },
  invalid_header: { status: 400, title: 'Invalid header line' },
  ragged_row: { status: 400, title: 'Row of another width than the header' },
  record_not_object: { status: 400, title: 'Record is not an object' },
  record_too_large: { status: 413, title: 'Record too large' },
  too_many_columns: { status: 413, title: 'Too many columns' },
  too_many_records: { status: 413, title: 'Too many records' },
  payload_too_large: { status: 413, title: 'Body too large' },
  compression_ratio_exceeded: { status: 413, title: 'Compressed too well' },
  limit_too_large: { status: 400, title: 'Limit too large' },
  unsupported_media_type: { status: 415, title: 'Content type is not read' },
  unsupported_encoding: { status: 415, title: 'Content encoding is not read' },
  not_acceptable: { status: 406, title: 'Not acceptable' },
  request_timeout: { status: 408, title: 'Body too slow' },
  key_in_query: { status: 400, title: 'API key in the query' },
  login_host_not_allowed: { status: 400, title: 'Login host not allowed' },
  invalid_state: { status: 400, title: 'State unknown, used or expired' },
  authorization_denied: { status: 400, title: 'Authorisation denied' },
  unauthorized: { status: 401, title: 'Not authenticated' },
  signature_missing: { status: 401, title: 'Signature missing' },
  signature_invalid: { status: 401, title: 'Signature wrong' },
  timestamp_invalid: { status: 401, title: 'Timestamp wrong' },
  webhook_secret_missing: { status: 401, title: 'No webhook secret' },
  insufficient_scope: { status: 403, title: 'Scope missing' },
  csrf_token_invalid: { status: 403, title: 'CSRF token missing or wrong' },
  host_not_allowed: { status: 403, title: 'Host not allowed' },
  origin_not_allowed: { status: 403, title: 'Origin not allowed' },
  another_browser: { status: 403, title: 'Begun in another browser' },
  https_required: { status: 403, title: 'HTTPS required' },
  not_found: { status: 404, title: 'Not found' },
  key_not_found: { status: 404, title: 'API key not found' },
  job_not_found: { status: 404, title: 'Job not found' },
  object_not_found: { status: 404, title: 'Object not found' },
  connection_not_found: { status: 404, title: 'Connection not found' },
  subscription_not_found: { status: 404, title: 'Subscription not found' },
  event_not_found: { status: 404, title: 'Event not found' },
  delivery_not_found: { status: 404, title: 'Delivery not found' },
  replay_not_found: { status: 404, title: 'Replay not found' },
  query_not_found: { status: 404, title: 'Query not found' },
  channel_not_found: { status: 404, title: 'Channel not found' },
  rule_not_found: { status: 404, title: 'Rule not found' },
  message_not_found: { status: 404, title: 'Message not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  key_revoked: { status: 409, title: 'API key revoked' },
  job_not_terminal: { status: 409, title: 'Job has not ended' },
  job_terminal: { status: 409, title: 'Job has ended' },
  job_cancelling: { status: 409, title: 'Job is being cancelled' },
  nothing_to_retry: { status: 409, title: 'Nothing to retry' },
  already_retried: { status: 409, title: 'Already retried' },
  confirmation_required: { status: 409, title: 'Confirmation required' },
  idempotency_in_progress: { status: 409, title: 'First request still in progress' },
  upload_superseded: { status: 409, title: 'Upload given up' },
  encryption_key_required: { status: 409, title: 'No encryption key' },
  app_not_configured: { status: 409, title: 'No app to sign in with' },
  redirect_uri_required: { status: 409, title: 'No callback address' },
  too_many_authorizations: { status: 409, title: 'Too many authorisations under way' },
  connection_in_use: { status: 409, title: 'Connection has unfinished jobs' },
  connection_of_environment: { status: 409, title: 'Connection of the environment' },
  connection_without_browser: { status: 409, title: 'Connection takes no browser' },
  connection_revoked: { status: 409, title: 'Connection revoked' },
  authorization_interrupted: { status: 409, title: 'Authorisation interrupted' },
  organization_mismatch: { status: 409, title: 'Another organization' },
  too_many_subscriptions: { status: 409, title: 'Too many subscriptions' },
  subscription_not_active: { status: 409, title: 'Subscription paused or disabled' },
  event_not_processed: { status: 409, title: 'Event not processed yet' },
  replay_running: { status: 409, title: 'Replay already running' },
  replay_ended: { status: 409, title: 'Replay has ended' },
  query_not_completed: { status: 409, title: 'Query has no results' },
  query_ended: { status: 409, title: 'Query has ended' },
  channel_disabled: { status: 409, title: 'Channel disabled' },
  channel_of_environment: { status: 409, title: 'Channel of the environment' },
  too_many_channels: { status: 409, title: 'Too many channels' },
  too_many_rules: { status: 409, title: 'Too many rules' },
  job_purged: { status: 410, title: 'Rows removed' },
  query_purged: { status: 410, title: 'Results removed' },
  query_cursor_expired: { status: 410, title: 'Cursor expired' },
  event_purged: { status: 410, title: 'Event removed' },
  invalid_channel_url: { status: 422, title: 'Channel URL refused' },
  invalid_callback_url: { status: 422, title: 'Callback URL refused' },
  query_syntax: { status: 422, title: 'Query cannot be read' },
  query_not_supported: { status: 422, title: 'Not taken in queries' },
  query_too_long: { status: 422, title: 'Query too long' },
  query_too_complex: { status: 422, title: 'Query too complex' },
  query_unknown_object: { status: 422, title: 'Unknown object in a query' },
  query_unknown_field: { status: 422, title: 'Unknown field in a query' },
  query_field_not_usable: { status: 422, title: 'Field cannot be used so' },
  query_wrong_type: { status: 422, title: 'Value of another type than the field' },
  query_refused: { status: 422, title: 'Query refused by Salesforce' },
  query_answer_too_large: { status: 422, title: 'Answer too large' },
  idempotency_key_reused: { status: 422, title: 'Idempotency-Key reused' },
  app_refused: { status: 422, title: 'App refused by Salesforce' },
  code_refused: { status: 422, title: 'Code refused by Salesforce' },
  credentials_refused: { status: 422, title: 'Credentials refused by Salesforce' },
  scope_missing: { status: 422, title: 'OAuth scope missing' },
  api_access_missing: { status: 422, title: 'No API access' },
  row_not_retryable: { status: 422, title: 'Row cannot be retried' },
  unknown_field: { status: 422, title: 'Unknown field' },
  field_not_writable: { status: 422, title: 'Field cannot be written' },
  missing_id: { status: 422, title: 'Id missing' },
  invalid_id: { status: 422, title: 'Invalid Id' },
  missing_external_id: { status: 422, title: 'External id missing' },
  missing_external_id_field: { status: 422, title: 'external_id_field missing' },
  not_an_external_id: { status: 422, title: 'Field is no external id' },
  duplicate_key: { status: 422, title: 'Key given twice' },
  field_too_long: { status: 422, title: 'Value too long' },
  reserved_value: { status: 422, title: 'Reserved value' },
  value_not_scalar: { status: 422, title: 'Value is not scalar' },
  unknown_object: { status: 422, title: 'Unknown object' },
  too_many_rows: { status: 422, title: 'Too many rows for one answer' },
  operation_not_allowed: { status: 422, title: 'Operation not allowed' },
  empty_row: { status: 422, title: 'Row without a value' },
  duplicate_column: { status: 422, title: 'Column given twice' },
  too_many_streams: { status: 429, title: 'Too many streams' },
  too_many_queries: { status: 429, title: 'Too many queries at once' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Internal error' },
  cleanup_failed: { status: 500, title: 'Nothing was removed' },
  connection_internal_error: { status: 500, title: 'Secrets cannot be read' },
  salesforce_unavailable: { status: 503, title: 'Salesforce does not answer' },
  operation_in_progress: { status: 503, title: 'No outcome yet' },
  service_not_initialized: { status: 503, title: 'Migrations missing' },
  service_unavailable: { status: 503, title: 'Service unavailable' },
  query_quota_exhausted: { status: 503, title: 'API calls used up' },
  query_timeout: { status: 504, title: 'No answer in time' },
  insufficient_storage: { status: 507, title: 'Insufficient storage' },
} as const satisfies Record<
  InputIssueCode | RowIssueCode | ConnectionFailure | SoqlErrorCode | SoqlQueryFailure,
  ErrorKind
> &
  Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERROR_KINDS

export function errorKind(code: ErrorCode): ErrorKind {
  return ERROR_KINDS[code]
}

export interface ApiErrorExtras {
  readonly issues?: readonly InputIssue[]
  readonly headers?: Readonly<Record<string, string>>
  /** The job that stands in the way. */
  readonly jobId?: string
  /** Where in a query the fault is. */
  readonly query?: SoqlError
  readonly cause?: unknown
}

/** What a route throws for the caller to read. Its message leaves the process: nothing internal in it. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly issues: readonly InputIssue[]
  readonly headers: Readonly<Record<string, string>>
  readonly jobId: string | null
  readonly query: SoqlError | null

  constructor(code: ErrorCode, message: string, extras: ApiErrorExtras = {}) {
    super(message, { cause: extras.cause })
    this.code = code
    this.issues = extras.issues ?? []
    this.headers = extras.headers ?? {}
    this.jobId = extras.jobId ?? null
    this.query = extras.query ?? null
  }
}

/** The error for input with at least one issue; the first one gives it its code. */
export function inputError(issues: readonly InputIssue[]): ApiError {
  const first = issues[0]
  if (first === undefined) throw new Error('An input error needs an issue.')
  return new ApiError(first.code, first.message, { issues })
}
