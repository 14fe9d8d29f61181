import { join } from 'node:path'
import type { Logger, SalesforceConnections } from '../activities/dependencies.ts'
import type { Config } from '../config/environment.ts'
import { createConnectionQueries } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import { createSalesforceOauthTokenQueries } from '../db/salesforce-oauth-tokens.ts'
import type { WorkspaceDatabase } from '../db/workspace-database.ts'
import type { WorkerMetrics } from '../metrics/worker-metrics.ts'
import { createSalesforceClient, type SalesforceClient } from '../salesforce/client.ts'
import {
  isSalesforceError,
  SalesforceError,
  type SalesforceErrorKind,
} from '../salesforce/errors.ts'
import { createSessionFlight, type SessionSource } from '../salesforce/session-flight.ts'
import { createTokenEndpoint } from '../salesforce/token-endpoint.ts'
import { createSessionSource } from '../salesforce/tokens.ts'
import type { Sealing } from '../security/sealing.ts'
import { type CallRecorder, createCallRecorder } from './call-recorder.ts'
import { createSessionJournal } from './session-journal.ts'
import { createSharedSession, LEASE_SECONDS } from './shared-session.ts'
import { createSignInReader, environmentCredentials, requireUsableConnection } from './sign-in.ts'
import { giveBackUnwanted } from './unwanted-grant.ts'

export interface SalesforceConnectionsOptions {
  readonly config: Config
  readonly database: Database
  /** Null without an encryption key. */
  readonly sealing: Sealing | null
  readonly logger: Logger
  readonly failpoint?: (name: string) => Promise<void>
  /** Absent where nobody scrapes. */
  readonly metrics?: WorkerMetrics | undefined
}

interface OpenConnection {
  /** When a person authorised it last, in milliseconds since 1970. */
  readonly authorizedAt: number | null
  readonly client: SalesforceClient
  readonly sessions: SessionSource
  readonly own: WorkspaceDatabase
  readonly recorder: CallRecorder
}

export interface HostedConnections extends SalesforceConnections {
  /** Takes over what processes of this machine had been granted when they ended, and had not committed. */
  takeOverGranted(): Promise<void>
  close(): Promise<void>
}

/** Clients of connections, one a process and connection; their sessions are shared with all other processes. */
export function createSalesforceConnections(
  options: SalesforceConnectionsOptions,
): HostedConnections {
  const { config, database, logger, sealing, metrics } = options
  const open = new Map<string, Promise<OpenConnection>>()
  const timeoutMs = config.salesforce.apiTimeoutMs
  const journal =
    sealing && createSessionJournal(join(config.stateDirectory, 'sessions'), sealing, logger)

  async function openAnew(connectionId: string): Promise<OpenConnection> {
    const workspaceId = await database.system.workspaceOfConnection(connectionId)
    if (workspaceId === null) {
      throw refusal(`The connection ${connectionId} does not exist any more.`)
    }
    const own = database.workspace(workspaceId)
    const authorizedAt = await requireUsable(own, connectionId)
    const sessions = await openSessions(connectionId, workspaceId, own)
    const recorder = createCallRecorder({ owner: { connectionId, workspaceId }, own, logger })
    const client = createSalesforceClient({
      sessions,
      apiVersion: config.salesforce.apiVersion,
      timeoutMs,
      onAnswer(answer) {
        logger.debug({ connectionId, ...answer }, 'salesforce answered')
        recorder.record(answer)
        metrics?.salesforceAnswer(answer)
      },
      onBytes: recorder.recordBytes,
      onFailure(kind) {
        metrics?.salesforceFailure(kind)
        if (UNANSWERED.has(kind)) recorder.recordUnanswered()
      },
    })
    return { authorizedAt, client, sessions, own, recorder }
  }

  async function openSessions(
    connectionId: string,
    workspaceId: string,
    own: WorkspaceDatabase,
  ): Promise<SessionSource> {
    if (sealing === null || journal === null) return openUnshared(connectionId, own)
    const obtain = createSharedSession({
      ...{ connectionId, workspaceId, own, sealing, journal, logger },
      endpoint: createTokenEndpoint({ timeoutMs }),
      readSignIn: createSignInReader(config.salesforce, sealing, own),
      // A whole call, a holder that dies, and another whole call.
      patienceMs: 4 * timeoutMs + LEASE_SECONDS * 1_000,
      failpoint: options.failpoint ?? (async () => {}),
      onRenewal: (outcome) => metrics?.tokenRefresh(outcome),
    })
    return createSessionFlight(obtain)
  }

  /** Without a key nothing secret is stored: each process has a session of its own. */
  async function openUnshared(
    connectionId: string,
    own: WorkspaceDatabase,
  ): Promise<SessionSource> {
    const connections = createConnectionQueries(own)
    const connection = await connections.get(connectionId)
    if (connection?.flow !== 'environment') {
      throw refusal(
        'The secrets of this connection are sealed, and SALESFORCE_TOKEN_ENCRYPTION_KEY is not set.',
      )
    }
    return createSessionSource({
      credentials: environmentCredentials(config.salesforce),
      fetchTimeoutMs: timeoutMs,
      /** A granted token is the proof that the connection works again. */
      async onAnswer({ httpStatus }) {
        metrics?.tokenRefresh(outcomeOf(httpStatus))
        if (httpStatus === 200) await connections.unblock(connectionId)
      },
      async onRefreshToken() {
        logger.error(
          { connectionId },
          'Salesforce rotated the refresh token and SALESFORCE_TOKEN_ENCRYPTION_KEY is not set: it is lost at the next restart',
        )
      },
    })
  }

  /**
   * What is open, as long as it counts: a session in memory works on where the connection was revoked, or authorised
   * for another user.
   */
  async function opened(connectionId: string): Promise<OpenConnection> {
    const known = open.get(connectionId)
    if (known === undefined) return openNow(connectionId)
    const connection = await known
    try {
      if ((await requireUsable(connection.own, connectionId)) === connection.authorizedAt) {
        return connection
      }
    } catch (error) {
      if (isSalesforceError(error)) forget(connectionId, known)
      throw error
    }
    forget(connectionId, known)
    return openNow(connectionId)
  }

  function forget(connectionId: string, known: Promise<OpenConnection>): void {
    if (open.get(connectionId) !== known) return
    open.delete(connectionId)
    // Calls under way end first, which may take long; nobody waits for that.
    known.then(closeConnection).catch((error: unknown) => {
      logger.warn({ err: error, connectionId }, 'a client was not closed')
    })
  }

  function openNow(connectionId: string): Promise<OpenConnection> {
    const known = open.get(connectionId)
    if (known !== undefined) return known
    const opening = openAnew(connectionId)
    open.set(connectionId, opening)
    // What failed is tried anew at the next call.
    opening.catch(() => open.delete(connectionId))
    return opening
  }

  async function takeOver(connectionId: string, sessionNumber: number): Promise<void> {
    // Of a connection that was revoked or removed meanwhile too: its tokens must not stay on the disk.
    if (await isWanted(connectionId, sessionNumber)) {
      const { sessions } = await opened(connectionId)
      await sessions.current()
      if (await isWanted(connectionId, sessionNumber)) return
    }
    await giveBackKept(connectionId, sessionNumber)
    await journal?.forget(connectionId, sessionNumber)
  }

  async function giveBackKept(connectionId: string, sessionNumber: number): Promise<void> {
    const workspaceId = await database.system.workspaceOfConnection(connectionId)
    const granted = (await journal?.peek(connectionId, sessionNumber)) ?? null
    if (workspaceId === null || granted === null || sealing === null) return
    const own = database.workspace(workspaceId)
    const endpoint = createTokenEndpoint({ timeoutMs })
    await giveBackUnwanted({ own, sealing, endpoint, logger }, connectionId, granted)
  }

  /** Whether the connection still waits for the session that comes after the one of that number. */
  async function isWanted(connectionId: string, sessionNumber: number): Promise<boolean> {
    const workspaceId = await database.system.workspaceOfConnection(connectionId)
    if (workspaceId === null) return false
    const own = database.workspace(workspaceId)
    const stored = await createSalesforceOauthTokenQueries(own).find(connectionId)
    return stored?.isActive === true && stored.sessionNumber <= sessionNumber
  }

  return {
    clientFor: async (connectionId) => (await opened(connectionId)).client,
    async renew(connectionId) {
      const { sessions } = await opened(connectionId)
      await sessions.renew(await sessions.current())
    },
    async takeOverGranted() {
      for (const { connectionId, sessionNumber } of (await journal?.list()) ?? []) {
        try {
          await takeOver(connectionId, sessionNumber)
        } catch (error) {
          // The file stays: the next renewal, or the next start, finds it.
          logger.warn({ err: error, connectionId }, 'a granted session was not taken over yet')
        }
      }
    },
    async close() {
      for (const each of await Promise.allSettled(open.values())) {
        if (each.status === 'fulfilled') await closeConnection(each.value)
      }
    },
  }
}

/** Failures of calls that no answer came of: what was answered is counted as an answer. */
const UNANSWERED: ReadonlySet<SalesforceErrorKind> = new Set(['no_answer', 'not_sent'])

function outcomeOf(httpStatus: number): 'succeeded' | 'refused' | 'failed' {
  if (httpStatus === 200) return 'succeeded'
  return httpStatus >= 400 && httpStatus < 500 ? 'refused' : 'failed'
}

/** What its last calls told is written too. */
async function closeConnection({ client, recorder }: OpenConnection): Promise<void> {
  await client.close()
  await recorder.close()
}

/** When it was authorised last. @throws SalesforceError `authentication` where it was revoked or removed. */
async function requireUsable(own: WorkspaceDatabase, connectionId: string): Promise<number | null> {
  return (await requireUsableConnection(own, connectionId)).authorizedAt?.getTime() ?? null
}

function refusal(message: string): SalesforceError {
  return new SalesforceError({ kind: 'authentication', message })
}
