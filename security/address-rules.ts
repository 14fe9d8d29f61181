import ipaddr, { type IPv4, type IPv6 } from 'ipaddr.js'

/** Why an address is not called: what it is. */
export type AddressRefusal = 'not_an_address' | 'loopback' | 'private' | 'metadata' | 'special'

/** Which addresses and URLs that a caller gave are called. */
export interface AddressRules {
  /** Null where the address may be dialled. It is text without brackets, of either family. */
  refusalOf(address: string): AddressRefusal | null
  /** Whether http:// is taken besides https://. */
  readonly allowsHttp: boolean
  /** Whether ports other than the scheme's own are taken. */
  readonly allowsAnyPort: boolean
  /** Whether names are taken that only a private network knows, such as `localhost`. */
  readonly allowsLocalNames: boolean
}

/** Addresses of cloud machinery that lie in ranges of public ones. */
const METADATA = new Set(['168.63.129.16'])

/** What is neither public nor an ordinary private network: also for development. */
function kindOf(address: string): AddressRefusal | null {
  // ipaddr.js reads old forms too (`127.1`, `0x7f.1`); a resolver never gives those, and a URL has none left.
  if (!ipaddr.isValid(address) || address.includes('%')) return 'not_an_address'
  const parsed = ipaddr.parse(address)
  // Both classes have `kind()`, which tells TypeScript nothing.
  return parsed.kind() === 'ipv4' ? kindOfIPv4(parsed as IPv4) : kindOfIPv6(parsed as IPv6)
}

function kindOfIPv4(address: IPv4): AddressRefusal | null {
  if (METADATA.has(address.toString())) return 'metadata'
  switch (address.range()) {
    case 'unicast':
      return null
    case 'loopback':
      return 'loopback'
    case 'private':
      return 'private'
    default:
      return 'special'
  }
}

/**
 * IPv6 addresses that carry an IPv4 one are dialled as that one by some systems, so none is taken: mapped,
 * compatible, NAT64, 6to4, Teredo, ISATAP. `range()` calls some of them unicast, and all that is not allocated.
 */
function kindOfIPv6(address: IPv6): AddressRefusal | null {
  const range = address.range()
  if (range === 'loopback') return 'loopback'
  if (range === 'uniqueLocal')
    return address.toString() === 'fd00:ec2::254' ? 'metadata' : 'private'
  const [first = 0, second = 0, , , fifth = 0, sixth = 0] = address.parts
  const isGlobal = first >> 13 === 1
  const isProtocolAssignment = first === 0x2001 && second < 0x200
  const isDocumentation = first === 0x3fff && second < 0x1000
  const isIsatap = (fifth === 0 || fifth === 0x200) && sixth === 0x5efe
  if (range === 'unicast' && isGlobal && !isProtocolAssignment && !isDocumentation && !isIsatap) {
    return null
  }
  return 'special'
}

/** For every installation that others reach: public addresses, over TLS, at its port. */
export const PUBLIC_ONLY: AddressRules = {
  refusalOf: kindOf,
  allowsHttp: false,
  allowsAnyPort: false,
  allowsLocalNames: false,
}

/** For development: this machine and private networks too, in clear and at any port. Cloud metadata stays closed. */
export const PRIVATE_TOO: AddressRules = {
  refusalOf(address) {
    const kind = kindOf(address)
    return kind === 'loopback' || kind === 'private' ? null : kind
  },
  allowsHttp: true,
  allowsAnyPort: true,
  allowsLocalNames: true,
}
