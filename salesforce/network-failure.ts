import { type CallEffect, SalesforceError } from './errors.ts'

/** Marks a failure to connect: nothing of the request can have left this machine. */
export class ConnectFailure extends Error {
  constructor(cause: Error) {
    super(cause.message === '' ? 'Connecting failed' : cause.message, { cause })
    this.name = 'ConnectFailure'
  }
}

/** Codes that only arise before a connection stands, for dispatchers that do not mark them. */
const CONNECT_CODES: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/**
 * What became of a call that got no complete answer.
 * @param effect what the call may have done if it arrived.
 */
export function networkFailure(
  error: unknown,
  what: string,
  effect: CallEffect,
  signal: AbortSignal | undefined,
): SalesforceError {
  const code = codeOf(error)
  if (signal?.aborted) {
    return new SalesforceError({
      kind: 'aborted',
      message: `${what} was aborted.`,
      effect,
      cause: error,
    })
  }
  if (error instanceof ConnectFailure || (code !== null && CONNECT_CODES.has(code))) {
    return new SalesforceError({
      kind: 'not_sent',
      message: `${what} was not sent: ${describe(error)}`,
      effect: 'none',
      cause: error,
    })
  }
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    return new SalesforceError({
      kind: 'invalid_request',
      message: `${what}: the body is not as long as it was said to be.`,
      effect,
      cause: error,
    })
  }
  return new SalesforceError({
    kind: 'no_answer',
    message: `${what} got no complete answer: ${describe(error)}`,
    effect,
    cause: error,
  })
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message === '' ? (codeOf(error) ?? error.name) : error.message
}
