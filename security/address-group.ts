import ipaddr from 'ipaddr.js'

/**
 * What stands for a caller's address where callers are counted: of IPv6 its /64, as one machine has all of those.
 * Text that is no address stands for itself.
 */
export function addressGroup(address: string): string {
  if (!ipaddr.IPv6.isValid(address) || address.includes('%')) return address
  const parsed = ipaddr.IPv6.parse(address)
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString()
  return `${new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`
}
