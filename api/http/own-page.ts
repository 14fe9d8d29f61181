import type { ApiContext } from '../dependencies.ts'

/**
 * Whether what was sent comes from a page of this server. Browsers say so by themselves, in a header that pages cannot
 * set; older ones, and all of them without TLS, name the origin. What names neither is no browser.
 */
export function isFromOwnPage(c: ApiContext): boolean {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin'
  const origin = c.req.header('origin')
  const host = c.req.header('host') ?? new URL(c.req.url).host
  return origin === undefined || URL.parse(origin)?.host === host.toLowerCase()
}
