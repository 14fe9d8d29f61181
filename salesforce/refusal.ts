import type { SalesforceErrorKind } from './errors.ts'

/** What a refusing answer says about itself. */
export interface Refusal {
  readonly kind: SalesforceErrorKind
  readonly errorCode: string | null
  readonly message: string
  readonly fields: readonly string[]
}

interface ErrorEntry {
  readonly code: string
  readonly message: string
  readonly fields: readonly string[]
}

/**
 * Reads a refusal of the REST and Bulk APIs: an array of `{message, errorCode, fields}`.
 * The code decides before the status, since Salesforce uses 400 and 403 for many things. An answer
 * without a code is not Salesforce's word: its 404 from a proxy must not pass for a job that is gone.
 */
export function readApiRefusal(httpStatus: number, body: string): Refusal {
  const entry = firstEntry(body)
  if (entry === null) {
    return {
      kind: kindOfStatus(httpStatus),
      errorCode: null,
      message: `Answer ${httpStatus} without a Salesforce error code.`,
      fields: [],
    }
  }
  return {
    kind: kindOfCode(entry, httpStatus),
    errorCode: entry.code,
    message: entry.message,
    fields: entry.fields,
  }
}

function firstEntry(body: string): ErrorEntry | null {
  const parsed = parseJson(body)
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  if (typeof first !== 'object' || first === null) return null
  const code = 'errorCode' in first ? first.errorCode : undefined
  if (typeof code !== 'string' || code === '') return null
  const message = 'message' in first && typeof first.message === 'string' ? first.message : code
  const fields = 'fields' in first && Array.isArray(first.fields) ? first.fields : []
  return { code, message, fields: fields.filter((field) => typeof field === 'string') }
}

/** Null where the text is no JSON: the status alone then decides. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function kindOfCode(entry: ErrorEntry, httpStatus: number): SalesforceErrorKind {
  // Bulk API writes FEATURENOTENABLED and INVALIDJOBSTATE where REST would use underscores.
  const code = entry.code.toUpperCase().replaceAll('_', '')
  if (code.startsWith('INSUFFICIENTACCESS')) return 'permission'
  switch (code) {
    case 'INVALIDSESSIONID':
    case 'INVALIDAUTHHEADER':
    case 'INVALIDLOGIN':
    case 'INACTIVEUSER':
    case 'INACTIVEORG':
    case 'ORGLOCKED':
    case 'USERLOCKED':
    case 'PASSWORDEXPIRED':
    case 'LOGINMUSTUSESECURITYTOKEN':
      return 'authentication'
    case 'NOACCESS':
    case 'INVALIDUSER':
      return 'permission'
    case 'FEATURENOTENABLED':
    case 'FUNCTIONALITYNOTENABLED':
      return 'feature_not_enabled'
    case 'APIDISABLEDFORORG':
    case 'APICURRENTLYDISABLED':
      return 'api_disabled'
    case 'REQUESTLIMITEXCEEDED':
      return /concurrent/i.test(entry.message) ? 'quota_concurrent' : 'quota_daily'
    case 'EXCEEDEDQUOTA':
      return 'quota_daily'
    case 'STORAGELIMITEXCEEDED':
      return 'storage_exhausted'
    case 'NOTFOUND':
      return 'not_found'
    case 'INVALIDJOBSTATE':
      return 'invalid_state'
    case 'SERVERUNAVAILABLE':
    case 'UNKNOWNEXCEPTION':
    case 'QUERYTIMEOUT':
    case 'UNABLETOLOCKROW':
    case 'REQUESTRUNNINGTOOLONG':
      return 'unavailable'
    default:
      break
  }
  // Bulk API words a missing permission as `InvalidJob : No create/update access for object:X`.
  if (/\bno [a-z/ ]*access\b/i.test(entry.message)) return 'permission'
  // One body a job, and no step back: Salesforce words both under INVALIDJOB as well.
  if (/multiple contents for job|\b(?:closing|aborting) already\b/i.test(entry.message)) {
    return 'invalid_state'
  }
  if (/ApiBatchItems|daily.*limit|limit.*24.hour/i.test(entry.message)) return 'quota_daily'
  const byStatus = kindOfStatus(httpStatus)
  if (byStatus !== 'invalid_answer') return byStatus
  if (httpStatus === 403) return 'permission'
  // With a code it is Salesforce's word, whichever code it is.
  if (httpStatus === 404) return 'not_found'
  if (httpStatus === 409) return 'invalid_state'
  return httpStatus >= 400 ? 'invalid_request' : 'invalid_answer'
}

/** What a status means by itself, whoever sent it. */
function kindOfStatus(httpStatus: number): SalesforceErrorKind {
  if (httpStatus === 401) return 'authentication'
  if (httpStatus === 420 || httpStatus === 429) return 'rate_limited'
  if (httpStatus === 408 || httpStatus >= 500) return 'unavailable'
  return 'invalid_answer'
}
