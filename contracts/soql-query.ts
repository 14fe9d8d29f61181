/** Input of the workflow `runQuery`: what is asked is in the row, where its answer lands. */
export interface SoqlQueryInput {
  readonly workspaceId: string
  readonly connectionId: string
  readonly queryId: string
}

/** Why a short query has no answer. Stable: callers match on them. */
export const SOQL_QUERY_FAILURES = [
  'query_refused',
  'query_cursor_expired',
  'query_answer_too_large',
  'query_timeout',
  'query_quota_exhausted',
  'credentials_refused',
  'api_access_missing',
  'salesforce_unavailable',
  'connection_internal_error',
] as const
export type SoqlQueryFailure = (typeof SOQL_QUERY_FAILURES)[number]
