import type { ConnectionFlow } from '../contracts/connection.ts'
import { ConnectionRefusedError } from './connection-outcome.ts'

/**
 * Without these nothing here works: data by the API, and sessions when nobody is there.
 * @throws {ConnectionRefusedError} `scope_missing`
 */
export function requireScopes(
  flow: ConnectionFlow,
  scope: string | null,
  hasRefreshToken: boolean,
): void {
  // Some answers do not say; the calls that follow show whether the API may be used.
  const granted = new Set((scope ?? '').split(/\s+/).filter((name) => name !== ''))
  const missing: string[] = []
  if (scope !== null && !granted.has('api') && !granted.has('full')) missing.push('api')
  if (flow === 'web_server' && !hasRefreshToken) missing.push('refresh_token')
  if (missing.length === 0) return
  const names = { api: 'Manage user data via APIs (api)', refresh_token: REFRESH }
  const wanted = missing.map((name) => names[name as keyof typeof names]).join(' and ')
  throw new ConnectionRefusedError(
    'scope_missing',
    `Salesforce granted ${[...granted].join(', ') || 'no scope'}, which lacks ${missing.join(' and ')}. Select ${wanted} in the OAuth settings of the app, wait ten minutes, and authorise again.`,
  )
}

const REFRESH = 'Perform requests at any time (refresh_token, offline_access)'
