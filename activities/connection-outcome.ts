import type { ConnectionFailure } from '../contracts/connection.ts'
import { isSalesforceError, type SalesforceError } from '../salesforce/errors.ts'
import { SealingError } from '../security/sealing.ts'

/** Why Salesforce did not do what was asked, as the caller who waits is told. Holds no token and no secret. */
export interface ConnectionRefusal {
  readonly code: ConnectionFailure
  readonly message: string
}

/** Thrown where an attempt has an outcome that no repeat would change. */
export class ConnectionRefusedError extends Error {
  override readonly name = 'ConnectionRefusedError'
  readonly refusal: ConnectionRefusal

  constructor(code: ConnectionFailure, message: string) {
    super(message)
    this.refusal = { code, message }
  }
}

/**
 * What is final about an error; null where the same again may succeed.
 * @param step what was presented to Salesforce.
 */
export function refusalOf(
  error: unknown,
  step: 'code' | 'credentials' | 'api',
): ConnectionRefusal | null {
  if (error instanceof ConnectionRefusedError) return error.refusal
  if (error instanceof SealingError) {
    return { code: 'connection_internal_error', message: error.message }
  }
  if (!isSalesforceError(error)) return null
  switch (error.kind) {
    case 'authentication':
      return refusedGrant(error, step)
    case 'permission':
    case 'api_disabled':
    case 'feature_not_enabled':
      return {
        code: 'api_access_missing',
        message: `${said(error)} Give the user the permission "API Enabled", and see that the edition has API access.`,
      }
    case 'quota_daily':
    case 'storage_exhausted':
    case 'not_found':
    case 'invalid_state':
    case 'invalid_request':
      return { code: 'credentials_refused', message: said(error) }
    default:
      return null
  }
}

function refusedGrant(error: SalesforceError, step: 'code' | 'credentials' | 'api') {
  const remedy = REMEDIES[error.errorCode ?? '']
  const message = remedy === undefined ? said(error) : `${said(error)} ${remedy}`
  const isApp = APP_ERRORS.has(error.errorCode ?? '')
  const code: ConnectionFailure = isApp
    ? 'app_refused'
    : step === 'code'
      ? 'code_refused'
      : 'credentials_refused'
  return { code, message }
}

function said(error: SalesforceError): string {
  const text = error.message.replace(/[.\s]*$/, '.')
  return error.errorCode === null ? text : `Salesforce says ${error.errorCode}: ${text}`
}

/** What is wrong with the app, and not with the user. */
const APP_ERRORS: ReadonlySet<string> = new Set([
  'invalid_client',
  'invalid_client_id',
  'unsupported_grant_type',
  'redirect_uri_mismatch',
  'redirect_uri_missing',
  'invalid_app_access',
])

/** What a person does about each `error` of the token endpoint; docs/salesforce/connect.md has the long form. */
const REMEDIES: Readonly<Record<string, string>> = {
  invalid_client: 'Compare the consumer secret with that of the app.',
  invalid_client_id:
    'Compare the consumer key with that of the app. A new app takes up to ten minutes to be known everywhere.',
  invalid_grant:
    'See that the user is active and may use the app, and that its flow is enabled; then authorise again.',
  invalid_app_access: 'Let the user in under the policies of the app (permitted users).',
  inactive_user: 'Activate the user in Setup, or choose another one.',
  inactive_org: 'The organization is locked or was removed.',
  unsupported_grant_type: 'Enable the flow in the OAuth settings of the app.',
  redirect_uri_mismatch: 'Enter the callback address in the app exactly as it is here.',
  redirect_uri_missing: 'Enter the callback address in the app exactly as it is here.',
  invalid_request:
    'Start the authorisation again. Where it stays, see that the app asks for PKCE only.',
}
