import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../activities/dependencies.ts'
import { createConnectionQueries } from '../db/connections.ts'
import type { CommonQueryMethods } from '../db/pool.ts'
import { createOauthAuditLogQueries } from '../db/salesforce-oauth-audit-log.ts'
import {
  createSalesforceOauthTokenQueries,
  type StoredSession,
  tokenContext,
} from '../db/salesforce-oauth-tokens.ts'
import type { WorkspaceDatabase } from '../db/workspace-database.ts'
import { isSalesforceError, SalesforceError } from '../salesforce/errors.ts'
import type { GrantedToken, SalesforceSession } from '../salesforce/token-answer.ts'
import type { TokenEndpoint } from '../salesforce/token-endpoint.ts'
import type { Sealing } from '../security/sealing.ts'
import { keepLease } from './keep-lease.ts'
import type { SessionJournal } from './session-journal.ts'
import type { SignIn } from './sign-in.ts'
import { giveBackUnwanted } from './unwanted-grant.ts'

export interface SharedSessionOptions {
  readonly connectionId: string
  readonly workspaceId: string
  readonly own: WorkspaceDatabase
  readonly sealing: Sealing
  readonly endpoint: TokenEndpoint
  readonly journal: SessionJournal
  readonly readSignIn: (connectionId: string) => Promise<SignIn>
  /** How long another process is waited for at most, in milliseconds. */
  readonly patienceMs: number
  readonly logger: Logger
  /** Told of each session that was asked of Salesforce. */
  readonly onRenewal?: (outcome: 'succeeded' | 'refused' | 'failed') => void
  readonly failpoint: (name: string) => Promise<void>
}

/** A holder that has not been heard of for this long is taken for dead. */
export const LEASE_SECONDS = 10
const FIRST_LOOK_MS = 25
const LONGEST_LOOK_MS = 250
/** Tries to commit what was granted, with growing pauses: half a minute in all. */
const COMMIT_PAUSES_MS = [100, 400, 1_500, 4_000, 8_000, 16_000]

/** Whether a refresh token that was presented may have been used up. */
type CallOutcome = 'did_nothing' | 'unknown'

/**
 * Gets the session that all processes share. One of them at a time asks Salesforce, by a lease on the row; the others
 * read again until the next session is there. No database connection is held meanwhile. A call that was announced and
 * whose outcome nobody committed is settled before the refresh token is presented again.
 */
export function createSharedSession(
  options: SharedSessionOptions,
): (stale: SalesforceSession | null) => Promise<SalesforceSession> {
  const { connectionId, workspaceId, own, sealing, endpoint, journal, logger } = options
  const tokens = createSalesforceOauthTokenQueries(own)

  return async (stale) => {
    const deadline = Date.now() + options.patienceMs
    let lookAgainMs = FIRST_LOOK_MS
    let refusedBefore: number | null | undefined
    for (;;) {
      const signIn = await options.readSignIn(connectionId)
      const row = await readRow()
      const session = sessionIn(row, signIn.origin)
      if (session !== null && !row.isRefused && session.accessToken !== stale?.accessToken) {
        return session
      }
      if (refusedBefore === undefined) refusedBefore = row.refusedAttempt
      // Whoever was waited for was refused: asking once more would bring the same answer.
      else if (row.refusal !== null && row.refusedAttempt !== refusedBefore) throw refused(row)
      const lease = await tokens.takeLease(
        ...([connectionId, row.sessionNumber, randomUUID(), LEASE_SECONDS] as const),
      )
      if (lease !== null) {
        const renewed = await renew(lease, signIn)
        if (renewed !== null) return renewed
        continue
      }
      if (Date.now() >= deadline) {
        throw new SalesforceError({
          kind: 'unavailable',
          message: 'Another process is still renewing the session of this connection.',
        })
      }
      await sleep(lookAgainMs * (0.5 + Math.random()))
      lookAgainMs = Math.min(lookAgainMs * 2, LONGEST_LOOK_MS)
    }
  }

  async function readRow(): Promise<StoredSession> {
    const found = await tokens.find(connectionId)
    if (found !== null) return found
    await tokens.ensure(connectionId, workspaceId)
    const made = await tokens.find(connectionId)
    if (made === null) throw new Error(`The connection ${connectionId} has no row for its session.`)
    return made
  }

  function sessionIn(row: StoredSession, origin: string): SalesforceSession | null {
    const { accessToken, instanceUrl, organizationId, scope } = row
    if (!row.isActive || row.origin !== origin) return null
    if (accessToken === null || instanceUrl === null || organizationId === null) return null
    const opened = sealing.openSecret(tokenContext(connectionId, 'access_token'), accessToken)
    return { accessToken: opened.toString(), instanceUrl, organizationId, scope }
  }

  /** Null where the lease was lost, or a newer session is there: the row says how to go on. */
  async function renew(lease: StoredSession, signIn: SignIn): Promise<SalesforceSession | null> {
    const { attempt } = lease
    const held = keepLease(() => tokens.prolongLease(connectionId, attempt, LEASE_SECONDS), {
      everyMs: (LEASE_SECONDS * 1_000) / 3,
      onError: (error) => logger.warn({ err: error, connectionId }, 'a lease was not prolonged'),
    })
    // Before the call is announced nothing can have happened; what was announced by others stays open.
    let outcome: CallOutcome = lease.calledAt === null ? 'did_nothing' : 'unknown'
    try {
      const stored =
        lease.refreshToken === null || lease.origin !== signIn.origin
          ? null
          : sealing
              .openSecret(tokenContext(connectionId, 'refresh_token'), lease.refreshToken)
              .toString()
      const grant = signIn.grant(stored)
      if (grant.grant === 'refresh_token' && lease.calledAt !== null) {
        const kept = await journal.find(connectionId, lease.sessionNumber, signIn.origin)
        if (kept !== null) return await commit(lease, kept, signIn)
        if ((await endpoint.isActive(signIn.owner, grant.refreshToken)) === false) {
          throw lostAnswer(lease.calledAt)
        }
      }
      if (!(await tokens.announceCall(connectionId, attempt))) return null
      outcome = 'unknown'
      await options.failpoint('refresh.before-call')
      const granted = await endpoint.grant(grant).catch((error: unknown) => {
        outcome = outcomeOf(error)
        const refusedUs = isSalesforceError(error) && error.kind === 'authentication'
        options.onRenewal?.(refusedUs ? 'refused' : 'failed')
        throw error
      })
      options.onRenewal?.('succeeded')
      await options.failpoint('refresh.after-answer')
      await journal.keep(connectionId, lease.sessionNumber, { origin: signIn.origin, granted })
      await options.failpoint('refresh.before-commit')
      return await commit(lease, granted, signIn)
    } catch (error) {
      await settle(lease, error, outcome)
      throw error
    } finally {
      await held.stop()
    }
  }

  /** Tries again while the database is away: what was granted cannot be had twice. */
  async function commit(
    lease: StoredSession,
    granted: GrantedToken,
    { origin, authorizedAt }: SignIn,
  ): Promise<SalesforceSession | null> {
    const { session, refreshToken } = granted
    const seal = (column: 'access_token' | 'refresh_token', token: string) =>
      sealing.seal(tokenContext(connectionId, column), Buffer.from(token))
    const next = {
      accessToken: seal('access_token', session.accessToken),
      refreshToken: refreshToken === null ? null : seal('refresh_token', refreshToken),
      instanceUrl: session.instanceUrl,
      organizationId: session.organizationId,
      scope: session.scope,
      origin,
    }
    const isStored = await patiently(() =>
      own.transaction(async (transaction) => {
        const queries = createSalesforceOauthTokenQueries(transaction)
        if (!(await queries.replace(connectionId, lease.sessionNumber, next))) return false
        await createConnectionQueries(transaction).setGranted(connectionId, {
          instanceUrl: session.instanceUrl,
          organizationId: session.organizationId,
          salesforceUserId: granted.salesforceUserId,
          scope: session.scope,
        })
        await note(transaction, lease.attempt, null, refreshToken !== null)
        return true
      }),
    )
    await options.failpoint('refresh.after-commit')
    await journal.forget(connectionId, lease.sessionNumber)
    logger.info({ connectionId, attempt: lease.attempt, isStored }, 'session renewed')
    if (isStored) return session
    // Nobody waits for it, who may have a session by now. It never throws.
    void giveBackUnwanted(options, connectionId, granted, authorizedAt)
    return null
  }

  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    for (const pauseMs of COMMIT_PAUSES_MS) {
      try {
        return await work()
      } catch (error) {
        logger.error({ err: error, connectionId }, 'a granted session is not committed yet')
        await sleep(pauseMs)
      }
    }
    return work()
  }

  /** Leaves the outcome for the others. Where the database is away the lease runs out, and the call stays announced. */
  async function settle(lease: StoredSession, error: unknown, outcome: CallOutcome): Promise<void> {
    const { attempt } = lease
    try {
      if (!isSalesforceError(error) || error.kind !== 'authentication') {
        await tokens.releaseLease(connectionId, attempt, outcome)
        return
      }
      const { kind, message, errorCode, httpStatus } = error
      await own.transaction(async (transaction) => {
        const queries = createSalesforceOauthTokenQueries(transaction)
        const refusal = { kind, message, errorCode, httpStatus }
        if (!(await queries.setRefused(connectionId, attempt, refusal, outcome))) return
        const detail = errorCode === null ? message : `${errorCode}: ${message}`
        await createConnectionQueries(transaction).block(
          ...([connectionId, 'authentication_failed', detail] as const),
        )
        await note(transaction, attempt, detail, false)
      })
      logger.warn({ connectionId, attempt, errorCode }, 'Salesforce refuses the connection')
    } catch (settling) {
      logger.warn({ err: settling, connectionId }, 'the outcome of a renewal was not noted')
    }
  }

  async function note(
    transaction: CommonQueryMethods,
    attempt: number,
    errorMessage: string | null,
    isRotated: boolean,
  ): Promise<void> {
    const connection = await createConnectionQueries(transaction).get(connectionId)
    await createOauthAuditLogQueries(transaction).append({
      ...{ workspaceId, connectionId, action: 'refresh', errorMessage },
      userId: connection?.userId ?? null,
      username: connection?.username ?? null,
      success: errorMessage === null,
      details: { attempt, rotated: isRotated },
    })
  }
}

/**
 * A call that never left, and Salesforce's plain refusal, did nothing. Of anything else nobody knows: "already being
 * processed" means an earlier call of ours, whose answer was lost.
 */
function outcomeOf(error: unknown): CallOutcome {
  if (!isSalesforceError(error)) return 'unknown'
  if (error.kind === 'not_sent') return 'did_nothing'
  const isPlain = error.kind === 'authentication' || error.kind === 'rate_limited'
  return isPlain && error.errorCode !== null ? 'did_nothing' : 'unknown'
}

function refused({ refusal }: StoredSession): SalesforceError {
  return new SalesforceError({
    kind: 'authentication',
    message: refusal?.message ?? 'Salesforce refuses the connection.',
    errorCode: refusal?.errorCode ?? null,
    httpStatus: refusal?.httpStatus ?? null,
  })
}

function lostAnswer(calledAt: Date): SalesforceError {
  return new SalesforceError({
    kind: 'authentication',
    message: `The answer to a renewal that began at ${calledAt.toISOString()} was lost, and the refresh token counts no more: Salesforce has replaced it by one that nobody holds, or ended it. Authorise the connection again.`,
  })
}
