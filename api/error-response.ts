import type { InputIssue } from '../bulk/staging/input-issue.ts'
import type { LegacyError, Problem } from '../contracts/http/problem.ts'
import { type ApiError, type ErrorCode, errorKind } from './errors.ts'

/** Routes that answer as the replaced service did. */
export function isLegacyPath(path: string): boolean {
  return path === '/api' || path.startsWith('/api/')
}

/** Where Salesforce sends webhooks: it has the legacy envelope, with each error's own code and status. */
const WEBHOOK_PATH = '/webhooks/salesforce'

/** The error in the form of its route: problem+json, or the legacy envelope under /api and for webhooks. */
export function errorResponse(error: ApiError, path: string, requestId: string): Response {
  const legacy = isLegacyPath(path) || path === WEBHOOK_PATH
  const status = isLegacyPath(path) ? legacyStatus(error.code) : errorKind(error.code).status
  const body = legacy ? legacyError(error, path, requestId) : problem(error, requestId)
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      ...error.headers,
      'content-type': legacy ? 'application/json' : 'application/problem+json',
    },
  })
}

function problem(error: ApiError, requestId: string): Problem {
  const { status, title } = errorKind(error.code)
  return {
    type: 'about:blank',
    title,
    status,
    detail: error.message,
    code: error.code,
    request_id: requestId,
    ...(error.issues.length > 0 ? { errors: error.issues.map(inputErrorBody) } : {}),
    ...(error.jobId === null
      ? {}
      : { job_id: error.jobId, job_url: `/v1/bulk-jobs/${error.jobId}` }),
    ...queryFault(error),
  }
}

function legacyError(error: ApiError, path: string, requestId: string): LegacyError {
  const errors = error.issues.map(inputErrorBody)
  return {
    ok: false,
    error: isLegacyPath(path) ? legacyCode(error.code) : error.code,
    message: error.message,
    error_details: {
      code: error.code,
      ...(errors.length > 0 ? { errors } : {}),
      ...queryFault(error),
    },
    request_id: requestId,
  }
}

function queryFault({ query }: ApiError) {
  if (query === null) return {}
  const { source, position, expected, nearest } = query
  return { query: { source, position, expected, nearest } }
}

function inputErrorBody(issue: InputIssue) {
  return {
    code: issue.code,
    row: issue.rowNumber,
    line: issue.line,
    field: issue.field,
    message: issue.message,
  }
}

/** Whatever is wrong with the input is 400 there (contract 1.3). */
export function legacyStatus(code: ErrorCode): number {
  switch (legacyCode(code)) {
    case 'bad_request':
    case 'missing_required_field':
    case 'invalid_data':
    case 'data_too_large':
    case 'webhook_creation_failed':
    case 'query_failed':
      return 400
    default:
      return errorKind(code).status
  }
}

/** The word that callers of the replaced service know (contract 1.3); `error_details.code` says it exactly. */
function legacyCode(code: ErrorCode): string {
  switch (code) {
    case 'missing_external_id_field':
      return 'missing_required_field'
    case 'invalid_json':
    case 'invalid_utf8':
    case 'invalid_encoding':
    case 'body_incomplete':
    case 'invalid_request':
      return 'bad_request'
    case 'no_records':
    case 'invalid_csv':
    case 'invalid_character':
    case 'invalid_header':
    case 'ragged_row':
    case 'record_not_object':
    case 'record_too_large':
    case 'too_many_columns':
    case 'unknown_field':
    case 'field_not_writable':
    case 'missing_id':
    case 'invalid_id':
    case 'missing_external_id':
    case 'not_an_external_id':
    case 'duplicate_key':
    case 'field_too_long':
    case 'reserved_value':
    case 'value_not_scalar':
    case 'unknown_object':
    case 'operation_not_allowed':
    case 'empty_row':
    case 'duplicate_column':
    case 'row_not_retryable':
      return 'invalid_data'
    case 'payload_too_large':
      return 'data_too_large'
    case 'query_syntax':
    case 'query_not_supported':
    case 'query_too_long':
    case 'query_too_complex':
    case 'query_unknown_object':
    case 'query_unknown_field':
    case 'query_field_not_usable':
    case 'query_wrong_type':
    case 'query_refused':
    case 'query_answer_too_large':
      return 'query_failed'
    case 'query_timeout':
      return 'custom_object_query_failed'
    case 'invalid_callback_url':
    case 'too_many_subscriptions':
      return 'webhook_creation_failed'
    default:
      return code
  }
}
