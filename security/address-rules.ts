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

/** Cloud machinery among public addresses: Azure's. What lies at link-local and shared addresses is closed with those. */
const METADATA_IPV4 = new Set(['168.63.129.16'])

/** Cloud machinery among unique local addresses, where private networks are as well. */
const METADATA_IPV6 = [
  // AWS: metadata, credentials of EKS pods, DNS, time.
  'fd00:ec2::/32',
  // Google Cloud. Networks of its customers lie around it.
  'fd20:ce::254/128',
  // Oracle.
  'fd00:c1::a9fe:a9fe/128',
  // Alibaba.
  'fd00:100::100:200/128',
  // Akamai (Linode).
  'fd00:a9fe:a9fe::1/128',
  // Scaleway.
  'fd00:42::42/128',
].map((network) => ipaddr.IPv6.parseCIDR(network))

/** What is neither public nor an ordinary private network: also for development. */
function kindOf(address: string): AddressRefusal | null {
  // ipaddr.js reads old forms too (`127.1`, `0x7f.1`); a resolver never gives those, and a URL has none left.
  if (!ipaddr.isValid(address) || address.includes('%')) return 'not_an_address'
  const parsed = ipaddr.parse(address)
  // Both classes have `kind()`, which tells TypeScript nothing.
  return parsed.kind() === 'ipv4' ? kindOfIPv4(parsed as IPv4) : kindOfIPv6(parsed as IPv6)
}

function kindOfIPv4(address: IPv4): AddressRefusal | null {
  if (METADATA_IPV4.has(address.toString())) return 'metadata'
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
  if (range === 'uniqueLocal') {
    return METADATA_IPV6.some((network) => address.match(network)) ? 'metadata' : 'private'
  }
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
