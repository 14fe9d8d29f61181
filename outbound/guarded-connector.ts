import { isIP } from 'node:net'
import { buildConnector } from 'undici'
import type { AddressRules } from '../security/address-rules.ts'
import { guardedLookup, RefusedAddress, type Resolve } from './guarded-lookup.ts'

/** Marks a failure to connect: nothing of the request has left. */
export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure'

  constructor(cause: Error) {
    super(cause.message === '' ? 'Connecting failed.' : cause.message, { cause })
  }
}

/** As Node tells of a connection that the other side reset. */
class ClosedAtOnce extends Error {
  override readonly name = 'ClosedAtOnce'
  readonly code = 'ECONNRESET'
}

export interface ConnectorOptions {
  readonly rules: AddressRules
  readonly resolve: Resolve
  /** Milliseconds for lookup, connection and TLS together. */
  readonly connectMs: number
  /** Certificate authorities, in PEM, instead of the usual ones. */
  readonly ca: string | null
}

/** Opens connections to addresses that the rules allow, and to no others. */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { rules } = options
  const connect = buildConnector({
    allowH2: false,
    timeout: options.connectMs,
    lookup: guardedLookup(rules, options.resolve),
    // Also where NODE_TLS_REJECT_UNAUTHORIZED says otherwise.
    rejectUnauthorized: true,
    ...(options.ca === null ? {} : { ca: options.ca }),
  })
  return (target, callback) => {
    const literal = target.hostname.replace(/^\[(.*)\]$/, '$1')
    // The lookup is not asked for what is an address already.
    if (isIP(literal) !== 0 && rules.refusalOf(literal) !== null) {
      callback(new ConnectFailure(new RefusedAddress()), null)
      return
    }
    connect(target, (...outcome) => {
      if (outcome[0] !== null) {
        callback(new ConnectFailure(outcome[0]), null)
        return
      }
      const socket = outcome[1]
      const { remoteAddress } = socket
      // A last look at where it went, before a byte of the request is written.
      if (remoteAddress === undefined || rules.refusalOf(plain(remoteAddress)) !== null) {
        socket.destroy()
        // A connection that the other side has reset by now has no address, good or bad.
        const cause = remoteAddress === undefined ? new ClosedAtOnce() : new RefusedAddress()
        callback(new ConnectFailure(cause), null)
        return
      }
      callback(null, socket)
    })
  }
}

/** A socket of both families gives IPv4 addresses mapped; the lookup let no mapped one through. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
