import { resolveLoginUrl } from '../../config/login-url.ts'
import type { ApiSettings } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

export interface WantedHost {
  readonly environment?: string | undefined
  readonly login_url?: string | undefined
}

/**
 * The origin that tokens are asked from: a Salesforce host, as the server's own settings must name one too.
 * @throws {ApiError} `login_host_not_allowed`, `invalid_request` where both fields are given.
 */
export function chooseLoginUrl(
  wanted: WantedHost,
  app: ApiSettings['salesforceApp'],
  needsMyDomain: boolean,
): string {
  const { environment, login_url } = wanted
  if (environment !== undefined && login_url !== undefined) {
    throw new ApiError('invalid_request', 'Give environment or login_url, not both.')
  }
  const { loginUrl, problems } = resolveLoginUrl({
    environment: environment ?? app.loginUrl,
    loginUrl: login_url ?? null,
    allowAnyHost: app.allowAnyLoginHost,
    needsMyDomain,
  })
  const [problem] = problems
  if (problem === undefined) return loginUrl
  const field = environment === undefined ? 'login_url' : 'environment'
  const reason =
    needsMyDomain && /My Domain/.test(problem.reason) ? NEEDS_MY_DOMAIN : problem.reason
  throw new ApiError('login_host_not_allowed', `The field ${field} ${reason}`)
}

const NEEDS_MY_DOMAIN =
  'must be the My Domain of the org (https://example.my.salesforce.com): Salesforce refuses the client credentials flow elsewhere.'
