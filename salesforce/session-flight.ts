import { SalesforceError } from './errors.ts'
import type { SalesforceSession } from './token-answer.ts'

export interface SessionSource {
  /** The session in hand, or a new one. @throws SalesforceError with effect `none`. */
  current(signal?: AbortSignal): Promise<SalesforceSession>
  /** A session other than `stale`: the one that somebody else got meanwhile, or a new one. */
  renew(stale: SalesforceSession, signal?: AbortSignal): Promise<SalesforceSession>
}

/**
 * Sessions of one connection, single flight inside the process. A caller's signal ends its own wait only; the flight
 * goes on for the others.
 * @param obtain gets a session other than the stale one; null where any will do.
 */
export function createSessionFlight(
  obtain: (stale: SalesforceSession | null) => Promise<SalesforceSession>,
): SessionSource {
  let session: SalesforceSession | null = null
  let flight: Promise<SalesforceSession> | null = null

  function join(stale: SalesforceSession | null): Promise<SalesforceSession> {
    flight ??= obtain(stale)
      .then((obtained) => {
        session = obtained
        return obtained
      })
      .finally(() => {
        flight = null
      })
    return flight
  }

  /** A flight that a caller without a session began takes any session that is there: the stale one too. */
  async function joinBeyond(stale: SalesforceSession): Promise<SalesforceSession> {
    const joined = flight
    if (joined === null) return join(stale)
    const obtained = await joined
    if (obtained.accessToken !== stale.accessToken) return obtained
    if (session?.accessToken === stale.accessToken) session = null
    return session ?? join(stale)
  }

  return {
    current: (signal) => withSignal(session ? Promise.resolve(session) : join(null), signal),
    renew(stale, signal) {
      if (session && session.accessToken !== stale.accessToken) {
        return withSignal(Promise.resolve(session), signal)
      }
      // Forgotten first, so that a call that begins meanwhile waits instead of using it.
      session = null
      return withSignal(joinBeyond(stale), signal)
    },
  }
}

async function withSignal<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  const aborted = () =>
    new SalesforceError({
      kind: 'aborted',
      message: 'Waiting for a session was aborted.',
      cause: signal.reason,
    })
  if (signal.aborted) {
    // Somebody else may wait for the same flight, or nobody: its failure is theirs.
    work.catch(() => undefined)
    throw aborted()
  }
  let onAbort = () => {}
  const interrupted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(aborted())
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, interrupted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
