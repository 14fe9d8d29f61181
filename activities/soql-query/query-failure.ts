import { BlobFormError } from '../../bulk/blob-frame.ts'
import type { SoqlQueryFailure } from '../../contracts/soql-query.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import { SealingError } from '../../security/sealing.ts'

export interface QueryRefusal {
  readonly code: SoqlQueryFailure
  readonly message: string
}

/** What is final about an error; null where the same again may succeed. Salesforce's words may repeat the query. */
export function queryRefusalOf(error: unknown): QueryRefusal | null {
  if (error instanceof SealingError || error instanceof BlobFormError) {
    return { code: 'connection_internal_error', message: error.message }
  }
  if (!isSalesforceError(error)) return null
  const said =
    error.errorCode === null
      ? error.message
      : `Salesforce says ${error.errorCode}: ${error.message.replace(/[.\s]*$/, '.')}`
  const final = (code: SoqlQueryFailure): QueryRefusal => ({ code, message: said })
  if (error.errorCode === 'QUERY_TIMEOUT') return final('query_timeout')
  if (error.errorCode === 'INVALID_QUERY_LOCATOR') return final('query_cursor_expired')
  switch (error.kind) {
    case 'authentication':
      return final('credentials_refused')
    case 'feature_not_enabled':
    case 'api_disabled':
      return final('api_access_missing')
    case 'quota_daily':
    case 'storage_exhausted':
      return final('query_quota_exhausted')
    case 'permission':
    case 'not_found':
    case 'invalid_state':
    case 'invalid_request':
      return final('query_refused')
    default:
      return null
  }
}
