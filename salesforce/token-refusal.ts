import type { SalesforceErrorKind } from './errors.ts'
import { parseJson, type Refusal } from './refusal.ts'

/**
 * Reads a refusal of the token endpoint: HTTP 400 with `{error, error_description}`. What has no such body may come
 * from anybody on the way.
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
  const code = textOf(parsed, 'error')
  const error = code !== null && OAUTH_ERROR.test(code) ? code : null
  const description = error === null ? null : textOf(parsed, 'error_description')
  return {
    kind: kindOf(httpStatus, error, description ?? '', isRefresh),
    errorCode: error,
    message:
      description ??
      error ??
      `The token endpoint of ${origin} answered ${httpStatus} without a reason of OAuth: something on the way did, or the login host is wrong.`,
    fields: [],
  }
}

/**
 * `invalid_grant`, `inactive_user`, `OAUTH_APP_BLOCKED`: all have more words than one, without spaces. Gateways say
 * `Forbidden` in a field of the same name.
 */
const OAUTH_ERROR = /^[a-z]+(?:_[a-z]+)+$/i

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
    // Nothing that Salesforce says of credentials: a firewall, a proxy or a login page in its place must not hold the
    // connection until a person comes.
    return httpStatus < 300 || httpStatus === 408 ? 'invalid_answer' : 'unavailable'
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
