import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../activities/dependencies.ts'
import type { GrantedToken } from '../salesforce/token-answer.ts'
import type { Sealing } from '../security/sealing.ts'

export interface KeptSession {
  /** Of the credentials that it was granted for, as `SignIn.origin`. */
  readonly origin: string
  readonly granted: GrantedToken
}

/**
 * Keeps what Salesforce granted from the moment it arrived until it is committed. Where refresh tokens rotate, the
 * answer holds the only one that counts: a process that dies, or a database that is away, must not take it along.
 */
export interface SessionJournal {
  /** In memory always; in a sealed file as well where the folder can be written. */
  keep(connectionId: string, sessionNumber: number, kept: KeptSession): Promise<void>
  /**
   * What was granted in the place of the session of that number. Null for what other credentials were granted: where
   * an operator changed them after a crash, it may be a session of another org.
   */
  find(connectionId: string, sessionNumber: number, origin: string): Promise<GrantedToken | null>
  /** The same whatever credentials it was granted for: to be given back, not to be used. */
  peek(connectionId: string, sessionNumber: number): Promise<GrantedToken | null>
  forget(connectionId: string, sessionNumber: number): Promise<void>
  /** What processes of this machine that ended have left. */
  list(): Promise<readonly { readonly connectionId: string; readonly sessionNumber: number }[]>
}

const ENTRY = /^([\w-]{1,200})\.(\d{1,15})\.session$/

export function createSessionJournal(
  directory: string,
  sealing: Sealing,
  logger: Logger,
): SessionJournal {
  const held = new Map<string, KeptSession>()
  const nameOf = (connectionId: string, sessionNumber: number) =>
    `${connectionId}.${sessionNumber}.session`
  const contextOf = (name: string) => `session_journal/${name}/granted`

  async function write(name: string, kept: KeptSession): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const file = await open(join(directory, name), 'w', 0o600)
    try {
      await file.write(sealing.seal(contextOf(name), Buffer.from(JSON.stringify(kept))))
      await file.sync()
    } finally {
      await file.close()
    }
  }

  async function read(name: string, connectionId: string): Promise<KeptSession | null> {
    try {
      const sealed = await unlessAbsent(readFile(join(directory, name)))
      if (sealed === null) return null
      // Sealed by `keep`: nobody else could have written it.
      return JSON.parse(sealing.openSecret(contextOf(name), sealed).toString()) as KeptSession
    } catch (error) {
      // Cut off by a crash, sealed with a key that is not here, or not ours to read.
      logger.error({ err: error, connectionId }, 'a kept session cannot be read')
      return null
    }
  }

  async function keptAt(connectionId: string, sessionNumber: number): Promise<KeptSession | null> {
    const name = nameOf(connectionId, sessionNumber)
    return held.get(name) ?? (await read(name, connectionId))
  }

  return {
    async keep(connectionId, sessionNumber, kept) {
      const name = nameOf(connectionId, sessionNumber)
      held.set(name, kept)
      try {
        await write(name, kept)
      } catch (error) {
        // The commit follows at once; only a crash before it is not covered now.
        logger.warn({ err: error, connectionId }, 'a granted session could not be kept in a file')
      }
    },

    async find(connectionId, sessionNumber, origin) {
      const kept = await keptAt(connectionId, sessionNumber)
      return kept?.origin === origin ? kept.granted : null
    },

    async peek(connectionId, sessionNumber) {
      return (await keptAt(connectionId, sessionNumber))?.granted ?? null
    },

    async forget(connectionId, sessionNumber) {
      const name = nameOf(connectionId, sessionNumber)
      held.delete(name)
      await rm(join(directory, name), { force: true }).catch((error: unknown) => {
        // It counts no more: its number has passed.
        logger.warn({ err: error, connectionId }, 'the file of a kept session could not be removed')
      })
    },

    async list() {
      const names = await unlessAbsent(readdir(directory)).catch((error: unknown) => {
        // Sessions that wait there come back at a start that can read them.
        logger.error({ err: error }, 'the folder of kept sessions cannot be read')
        return null
      })
      return (names ?? []).flatMap((name) => {
        const [, connectionId, sessionNumber] = ENTRY.exec(name) ?? []
        return connectionId === undefined
          ? []
          : { connectionId, sessionNumber: Number(sessionNumber) }
      })
    },
  }
}

/** Null where there is no such file or folder, which is the usual case; every other failure is one. */
async function unlessAbsent<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
