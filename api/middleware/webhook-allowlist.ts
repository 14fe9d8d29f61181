import { isIP } from 'node:net'
import type { MiddlewareHandler } from 'hono'
import ipaddr from 'ipaddr.js'
import type { ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

/** Where webhooks come in. */
export const WEBHOOK_PATHS = [
  '/webhooks/*',
  '/api/webhooks/*',
  '/v1/connections/:connectionId/webhooks',
] as const

/**
 * Takes webhooks from these networks alone, before anything else is looked at; from everywhere where none is named.
 * An address that cannot be read is in none of them.
 */
export function webhookAllowlist(networks: readonly string[]): MiddlewareHandler<ApiEnv> {
  const allowed = networks.map((network) => ipaddr.parseCIDR(network))
  return async (c, next) => {
    if (allowed.length === 0 || isIn(allowed, c.var.address)) return next()
    throw new ApiError('address_not_allowed', 'Webhooks are not taken from this address.')
  }
}

function isIn(allowed: ReturnType<typeof ipaddr.parseCIDR>[], address: string): boolean {
  // ipaddr.js reads old forms such as `10.1` too, which no proxy writes, and takes `::10.0.0.1` for mapped IPv4.
  if (isIP(address) === 0 || address.includes('%') || /^::\d+\./.test(address)) return false
  // `process` makes IPv4 of mapped IPv6; networks of the other family are passed over.
  return ipaddr.subnetMatch(ipaddr.process(address), { allowed }, 'other') === 'allowed'
}
