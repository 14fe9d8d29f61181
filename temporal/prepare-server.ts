import { claimNamespace } from './claim-namespace.ts'
import type { TemporalConnection } from './connect.ts'
import { ForeignNamespaceError } from './foreign-namespace-error.ts'
import { ensureNamespaceRetention } from './namespace.ts'
import { ensureRetentionSchedule } from './retention-schedule.ts'
import { ensureRollupSchedules } from './rollup-schedules.ts'
import { ensureSearchAttributes } from './search-attributes.ts'

/** The look at a Schedule waits for the server's own worker, which is slow to come where all just started. */
const CLAIM_MS = 15_000

export interface ServerPreparation {
  /**
   * Makes the server fit for this installation: its mark, retention of the namespace, search attributes,
   * the Schedules. At boot, and again when the server has lost its store.
   * @throws ForeignNamespaceError; and rejects when the server does not answer.
   */
  prepare(): Promise<void>
  /** Looks at the mark anew, and makes it where there is none. @throws ForeignNamespaceError */
  claim(): Promise<void>
  /** Asks the server only until the namespace is known to be ours. @throws ForeignNamespaceError */
  requireOwn(): Promise<void>
  /** Whether jobs can be started with search attributes. False until the server has said so. */
  searchAttributes(): boolean
}

export function createServerPreparation(options: {
  readonly temporal: TemporalConnection
  readonly installationId: string
  /** Whether the mark of another installation is replaced; once, so that two that are told so do not take turns. */
  readonly takeOver: boolean
  readonly logger: { warn(fields: object, message: string): void }
}): ServerPreparation {
  const { temporal, installationId, logger } = options
  let mayTakeOver = options.takeOver
  let isOurs = false
  let searchAttributes = false
  const told = new Set<string>()

  function warnOnce(fields: object, message: string): void {
    if (told.has(message)) return
    told.add(message)
    logger.warn(fields, message)
  }

  async function claim(): Promise<void> {
    const { address, namespace } = temporal
    const claimed = await claimNamespace(temporal.schedules, {
      ...{ installationId, address, namespace },
      takeOver: mayTakeOver,
    }).catch((error: unknown) => {
      // A server that is away for a moment is still whose it was.
      if (error instanceof ForeignNamespaceError) isOurs = false
      throw error
    })
    if (claimed.kind === 'unmarked') {
      warnOnce(
        { why: claimed.why },
        'running without a mark on the namespace: another installation there would not be noticed',
      )
    } else if (claimed.takenFrom !== null) {
      logger.warn({ takenFrom: claimed.takenFrom, namespace }, 'took the namespace over')
    }
    mayTakeOver = false
    isOurs = true
  }

  function claimSoon(): Promise<void> {
    return temporal.client.connection.withDeadline(Date.now() + CLAIM_MS, claim)
  }

  return {
    async prepare() {
      await claimSoon()
      await ensureNamespaceRetention(temporal).catch((error: unknown) => {
        warnOnce(
          { err: error },
          'the namespace keeps its retention: it may not be changed from here',
        )
      })
      const missing = await ensureSearchAttributes(temporal).catch((error: unknown) =>
        String(error),
      )
      if (missing !== null) warnOnce({ missing }, 'running without search attributes')
      searchAttributes = missing === null
      await ensureRetentionSchedule(temporal, installationId)
      await ensureRollupSchedules(temporal, installationId)
    },
    claim: claimSoon,
    async requireOwn() {
      // The caller sets the deadline.
      if (!isOurs) await claim()
    },
    searchAttributes: () => searchAttributes,
  }
}
