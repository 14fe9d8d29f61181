import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import type { AddressRules } from '../security/address-rules.ts'

/** All addresses of a name. Rejects where it has none. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>

/** The system's resolver, so that its hosts file and search order hold. */
export const resolveBySystem: Resolve = (hostname) =>
  lookup(hostname, { all: true, order: 'verbatim' })

/** A name leads to an address that may not be dialled. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress'

  constructor() {
    super('The name leads to an address that is not public.')
  }
}

/** A name could not be resolved. */
export class LookupFailure extends Error {
  override readonly name = 'LookupFailure'
}

/**
 * The lookup that a socket makes as it connects: what is checked here is what is dialled, so a name that answers
 * differently from one moment to the next gains nothing. One bad address refuses the whole answer.
 */
export function guardedLookup(rules: AddressRules, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    find(hostname, options.family).then(
      (addresses) => {
        const [first] = addresses
        if (options.all === true) callback(null, [...addresses])
        else if (first !== undefined) callback(null, first.address, first.family)
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), ''),
    )
  }

  async function find(hostname: string, family: number | string | undefined) {
    const found = await resolve(hostname).catch((error: unknown) => {
      throw new LookupFailure('The name was not found.', { cause: error })
    })
    if (found.some(({ address }) => rules.refusalOf(address) !== null)) throw new RefusedAddress()
    const wanted = found.filter(
      (entry) =>
        family === undefined || family === 0 || String(family).endsWith(String(entry.family)),
    )
    if (wanted.length === 0) throw new LookupFailure('The name has no address.')
    return wanted
  }
}
