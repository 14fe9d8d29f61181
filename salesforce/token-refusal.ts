import type { SalesforceErrorKind } from './errors.ts'
import { parseJson, type Refusal } from './refusal.ts'

/**
 * Reads a refusal of the token endpoint: HTTP 400 with `{error, error_description}`.
 * @param origin the login host, for the message where the host has no such endpoint.
 * @param isRefresh whether a refresh token was presented.
 */
export function readTokenRefusal(
  httpStatus: number,
  body: string,
  origin: string,
  isRefresh: boolean,
): Refusal {
  const parsed = parseJson(body)
  const error = textOf(parsed, 'error')
  const description = textOf(parsed, 'error_description')
  return {
    kind: kindOf(httpStatus, error, description ?? '', isRefresh),
    errorCode: error,
    message:
      description ??
      error ??
      `The token endpoint of ${origin} answered ${httpStatus} without a reason.`,
    fields: [],
  }
}

function textOf(value: unknown, key: string): string | null {
  if (typeof value !== 'object' || value === null) return null
  // Only read, whatever the value is.
  const found = (value as Record<string, unknown>)[key]
  return typeof found === 'string' && found !== '' ? found : null
}

function kindOf(
  httpStatus: number,
  error: string | null,
  description: string,
  isRefresh: boolean,
): SalesforceErrorKind {
  if (httpStatus === 420 || httpStatus === 429) return 'rate_limited'
  if (httpStatus >= 500) return 'unavailable'
  if (error === null) {
    // No token endpoint there, or a redirect to a login page: a wrong login URL, for a person to mend.
    return httpStatus < 300 || httpStatus === 408 ? 'invalid_answer' : 'authentication'
  }
  if (error === 'rate_limit_exceeded' || /\brate\b/i.test(description)) return 'rate_limited'
  switch (error) {
    case 'server_error':
    case 'temporarily_unavailable':
    // Salesforce describes it with "retry your request".
    case 'unknown_error':
      return 'unavailable'
    case 'invalid_grant':
      return isRefresh && isParallelRefresh(description) ? 'unavailable' : 'authentication'
    default:
      return 'authentication'
  }
}

/**
 * Another refresh of the same token was under way. Older orgs say "expired authorization code" for it,
 * which can mean nothing else where no code was sent.
 */
function isParallelRefresh(description: string): boolean {
  return /already being processed|expired authorization code/i.test(description)
}
