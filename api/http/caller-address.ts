import type { ApiContext } from '../dependencies.ts'

/**
 * The address that a request comes from. Behind proxies it is what the outermost one that we trust has seen: the
 * entry of `X-Forwarded-For` that stands as many places from its end as there are trusted proxies. All before it
 * the caller may have made up.
 */
export function callerAddress(c: ApiContext, trustedProxies: number): string {
  const socket = plainAddress(c.env.incoming?.socket.remoteAddress ?? 'unknown')
  if (trustedProxies === 0) return socket
  const forwarded = (c.req.header('x-forwarded-for') ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  return plainAddress(forwarded[forwarded.length - trustedProxies] ?? socket)
}

/** `::ffff:10.0.0.1` is 10.0.0.1; a port, which some proxies add, goes. */
function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const bracketed = /^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(address)?.[1]
  if (bracketed !== undefined) return bracketed
  return /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address)?.[1] ?? address.slice(0, 100)
}
