/**
 * Everything that can go wrong with a call to Salesforce.
 * `authentication`: credentials or user refused, or a session that stays invalid after one renewal.
 * `permission`: the user may not do this. `feature_not_enabled`: hardDelete without its permission.
 * `api_disabled`: no API access in this org. `quota_daily`: the 24-hour allocation is used up.
 * `quota_concurrent`: too many long calls at once. `storage_exhausted`: no data storage left.
 * `rate_limited`: 420, 429 and the limit on logins.
 * `unavailable`: the server said that it failed.
 * `no_answer`: the connection was cut, or no answer came in time.
 * `not_sent`: no connection was made, so certainly nothing happened.
 * `aborted`: by the caller's own AbortSignal.
 * `not_found`, `invalid_state`, `invalid_request`: Salesforce's own word, never a proxy's.
 * `invalid_answer`: an answer that cannot be read or that Salesforce cannot have meant.
 */
export type SalesforceErrorKind =
  | 'authentication'
  | 'permission'
  | 'feature_not_enabled'
  | 'api_disabled'
  | 'quota_daily'
  | 'quota_concurrent'
  | 'storage_exhausted'
  | 'rate_limited'
  | 'unavailable'
  | 'no_answer'
  | 'not_sent'
  | 'aborted'
  | 'not_found'
  | 'invalid_state'
  | 'invalid_request'
  | 'invalid_answer'

/**
 * What a caller may do next. `backoff`: the same step again after a while, where `effect` allows it.
 * `wait_for_quota`: when the 24-hour window has moved on. `person`: when somebody has mended the cause.
 */
export type RetryClass = 'never' | 'backoff' | 'wait_for_quota' | 'person'

/** Whether the call may have changed anything in Salesforce. Calls that only read are always `none`. */
export type CallEffect = 'none' | 'unknown'

export interface SalesforceErrorFacts {
  readonly kind: SalesforceErrorKind
  readonly message: string
  /** Null or absent where no answer came. */
  readonly httpStatus?: number | null
  /** Salesforce's own code (`INVALID_FIELD`), or the `error` of a token answer. */
  readonly errorCode?: string | null
  readonly fields?: readonly string[]
  /** Absent means `none`. */
  readonly effect?: CallEffect
  readonly retryAfterMs?: number | null
  readonly cause?: unknown
}

/** The one error that the client throws for anything that Salesforce or the network did. */
export class SalesforceError extends Error {
  readonly kind: SalesforceErrorKind
  readonly retry: RetryClass
  readonly httpStatus: number | null
  readonly errorCode: string | null
  readonly fields: readonly string[]
  readonly effect: CallEffect
  /** Milliseconds that the server asked to wait, at most a day; null where it did not say. */
  readonly retryAfterMs: number | null

  constructor(facts: SalesforceErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'SalesforceError'
    this.kind = facts.kind
    this.retry = retryClassOf(facts.kind)
    this.httpStatus = facts.httpStatus ?? null
    this.errorCode = facts.errorCode ?? null
    this.fields = facts.fields ?? []
    this.effect = facts.effect ?? 'none'
    this.retryAfterMs = facts.retryAfterMs ?? null
  }
}

export function isSalesforceError(error: unknown): error is SalesforceError {
  return error instanceof SalesforceError
}

function retryClassOf(kind: SalesforceErrorKind): RetryClass {
  switch (kind) {
    case 'authentication':
    case 'permission':
    case 'feature_not_enabled':
    case 'api_disabled':
    case 'storage_exhausted':
      return 'person'
    case 'quota_daily':
      return 'wait_for_quota'
    case 'quota_concurrent':
    case 'rate_limited':
    case 'unavailable':
    case 'no_answer':
    case 'not_sent':
    // Mostly a proxy or a maintenance page in Salesforce's place: it passes by itself.
    case 'invalid_answer':
      return 'backoff'
    case 'aborted':
    case 'not_found':
    case 'invalid_state':
    case 'invalid_request':
      return 'never'
    default:
      return unreachable(kind)
  }
}

function unreachable(kind: never): never {
  throw new Error(`No retry class for ${String(kind)}`)
}
