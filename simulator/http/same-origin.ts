import type { MiddlewareHandler } from 'hono'
import type { Org, OrgEnv } from './org-context.ts'

/**
 * Refuses what a page of another origin asks for in a browser: the admin routes need no login, so
 * that any site which its user visits could change the org. Programs, which send no `Origin`, pass.
 */
export function refuseOtherOrigins(org: Org): MiddlewareHandler<OrgEnv> {
  return async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
      const origin = c.req.header('origin')
      const site = c.req.header('sec-fetch-site')
      const isForeign = origin !== undefined && !isOwn(origin, c.req.header('host') ?? '', org)
      if (isForeign || site === 'cross-site' || site === 'same-site') {
        return c.text('Forms of other sites are refused.', 403)
      }
    }
    await next()
    return undefined
  }
}

/** Names with a dot in them may be made to lead here by whoever owns them: only the org's own pass. */
function isOwn(origin: string, host: string, org: Org): boolean {
  if (!URL.canParse(origin)) return false
  const { host: originHost, hostname } = new URL(origin)
  if (originHost !== host.toLowerCase()) return false
  const isAddress = /^[\d.]+$/.test(hostname) || hostname.startsWith('[')
  const isLocal = !hostname.includes('.') || hostname.endsWith('.localhost')
  return isAddress || isLocal || hostname === new URL(org.baseUrl()).hostname
}
