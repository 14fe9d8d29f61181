import { ConnectFailure } from './guarded-connector.ts'
import { LookupFailure, RefusedAddress } from './guarded-lookup.ts'
import type { OutboundFailureKind } from './outbound-result.ts'

export interface Classified {
  readonly failure: OutboundFailureKind
  /** Never holds the URL or the address: either can be a secret, or tell of a network. */
  readonly message: string
  readonly mayHaveArrived: boolean
}

/** What an error of a call means. */
export function classifyFailure(
  error: unknown,
  isTimedOut: boolean,
  isAborted: boolean,
): Classified {
  if (error instanceof ConnectFailure)
    return { ...ofConnecting(error.cause), mayHaveArrived: false }
  if (isAborted) return known('aborted', 'The call was given up.', true)
  if (isTimedOut) return known('timeout', 'No whole answer came in time.', true)
  switch (codeOf(error)) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return known('timeout', 'No whole answer came in time.', true)
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'HPE_HEADER_OVERFLOW':
      return known('too_large', 'The answer is larger than is read.', true)
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return known('invalid_request', 'The request cannot be sent as it is.', false)
    default:
      return isParserError(error)
        ? known('protocol', 'What came was no HTTP/1.1.', true)
        : known('connection_lost', 'The connection broke before the answer was whole.', true)
  }
}

function ofConnecting(cause: unknown): Omit<Classified, 'mayHaveArrived'> {
  if (cause instanceof RefusedAddress) {
    return { failure: 'refused_address', message: cause.message }
  }
  if (cause instanceof LookupFailure) return { failure: 'dns', message: cause.message }
  // Several addresses were tried: the last one says as much as any.
  const last = cause instanceof AggregateError ? (cause.errors.at(-1) as unknown) : cause
  const code = codeOf(last)
  switch (code) {
    case 'ECONNREFUSED':
      return { failure: 'connection_refused', message: 'The host refused the connection.' }
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { failure: 'connect_timeout', message: 'The host was not reached in time.' }
    case 'ECONNRESET':
    case 'EPIPE':
      return { failure: 'connection_refused', message: 'The host closed the connection at once.' }
    default:
      return {
        failure: 'tls',
        message: `No TLS connection came about${code === '' ? '' : `: ${code}`}.`,
      }
  }
}

function known(failure: OutboundFailureKind, message: string, mayHaveArrived: boolean): Classified {
  return { failure, message, mayHaveArrived }
}

function isParserError(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'HTTPParserError' || codeOf(error).startsWith('HPE_'))
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : ''
}
