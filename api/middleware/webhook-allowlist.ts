import { isIP } from 'node:net'
import type { MiddlewareHandler } from 'hono'
import ipaddr from 'ipaddr.js'
import type { LegacyError, Problem } from '../../contracts/http/problem.ts'
import type { ApiEnv } from '../dependencies.ts'
import { isLegacyPath } from '../error-response.ts'

/** Where webhooks come in. */
export const WEBHOOK_PATHS = ['/webhooks/*', '/api/webhooks/*'] as const

const CODE = 'address_not_allowed'
const MESSAGE = 'Webhooks are not taken from this address.'

/**
 * Takes webhooks from these networks alone, before anything else is looked at; from everywhere where none is named.
 * An address that cannot be read is in none of them.
 */
export function webhookAllowlist(networks: readonly string[]): MiddlewareHandler<ApiEnv> {
  const allowed = networks.map((network) => ipaddr.parseCIDR(network))
  return async (c, next) => {
    if (allowed.length === 0 || isIn(allowed, c.var.address)) return next()
    // At debug only: whoever is refused here could fill the log.
    c.var.logger.debug({ address: c.var.address, code: CODE }, 'a webhook was refused')
    return refusal(c.req.path, c.var.requestId)
  }
}

function isIn(allowed: ReturnType<typeof ipaddr.parseCIDR>[], address: string): boolean {
  // ipaddr.js reads old forms such as `10.1` too, which no proxy writes, and takes `::10.0.0.1` for mapped IPv4.
  if (isIP(address) === 0 || address.includes('%') || /^::\d+\./.test(address)) return false
  // `process` makes IPv4 of mapped IPv6; networks of the other family are passed over.
  return ipaddr.subnetMatch(ipaddr.process(address), { allowed }, 'other') === 'allowed'
}

function refusal(path: string, requestId: string): Response {
  const legacy: LegacyError = {
    ok: false,
    error: CODE,
    message: MESSAGE,
    error_details: { code: CODE },
    request_id: requestId,
  }
  const problem: Problem = {
    type: 'about:blank',
    title: 'Address not allowed',
    status: 403,
    detail: MESSAGE,
    code: CODE,
    request_id: requestId,
  }
  const isLegacy = isLegacyPath(path)
  return new Response(JSON.stringify(isLegacy ? legacy : problem), {
    status: 403,
    headers: { 'content-type': isLegacy ? 'application/json' : 'application/problem+json' },
  })
}
