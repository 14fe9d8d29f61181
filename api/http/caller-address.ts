import type { ApiContext } from '../dependencies.ts'

/** Stands for every address that nobody whom we trust has seen. No network holds it, and all of it counts as one. */
const UNKNOWN = 'unknown'

/**
 * The address that a request comes from. Behind proxies it is what the outermost one that we trust has seen: the
 * entry of `X-Forwarded-For` that stands as many places from its end as there are trusted proxies. All before it
 * the caller may have made up. With fewer entries the request did not come through all of them: the connection's own
 * address would be a proxy's, which an allowlist may hold.
 */
export function callerAddress(c: ApiContext, trustedProxies: number): string {
  if (trustedProxies === 0) return plainAddress(c.env.incoming?.socket.remoteAddress ?? UNKNOWN)
  const forwarded = (c.req.header('x-forwarded-for') ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  return plainAddress(forwarded[forwarded.length - trustedProxies] ?? UNKNOWN)
}

/** `::ffff:10.0.0.1` is 10.0.0.1; a port, which some proxies add, goes. */
function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const bracketed = /^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(address)?.[1]
  if (bracketed !== undefined) return bracketed
  return /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address)?.[1] ?? address.slice(0, 100)
}
