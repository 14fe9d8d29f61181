import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { ORG_ID } from '../org.ts'

/** Access and refresh tokens. Writers must run inside a transaction. */
export interface SessionStore {
  /** A new access token of a user, made by a refresh token or without one. */
  open(refreshToken: string | null, userNumber: number): string
  /** The number of the User record whose session it is; `null` where it is none, or no more. */
  userOf(token: string, lifetimeSeconds: number | null): number | null
  close(token: string): void
  closeAll(): void
  /** Makes a refresh token known. */
  addRefreshToken(token: string): void
  refreshTokenState(token: string): 'live' | 'retired' | 'unknown'
  /** Retires one refresh token and gives its successor. */
  rotate(token: string): string
  /** Ends all refresh tokens and sessions: the answer to a retired token. */
  revokeAll(): void
}

export function createSessionStore(database: DatabaseSync, now: () => number): SessionStore {
  const insert = database.prepare('INSERT INTO session VALUES (?, ?, ?, ?)')
  const select = database.prepare('SELECT created, user FROM session WHERE token = ?')
  const remove = database.prepare('DELETE FROM session WHERE token = ?')
  const removeAll = database.prepare('DELETE FROM session')
  const addRefresh = database.prepare('INSERT OR IGNORE INTO refresh_token (token) VALUES (?)')
  const refreshState = database.prepare('SELECT retired FROM refresh_token WHERE token = ?')
  const retire = database.prepare('UPDATE refresh_token SET retired = 1 WHERE token = ?')
  const retireAll = database.prepare('UPDATE refresh_token SET retired = 1')
  const opaque = (): string => randomBytes(36).toString('base64url')

  return {
    open(refreshToken, userNumber) {
      const token = `${ORG_ID.slice(0, 15)}!${opaque()}`
      insert.run(token, now(), refreshToken, userNumber)
      return token
    },
    userOf(token, lifetimeSeconds) {
      const session = select.get(token)
      if (session === undefined) return null
      const age = now() - Number(session['created'])
      const isOver = lifetimeSeconds !== null && age >= lifetimeSeconds * 1_000
      return isOver ? null : Number(session['user'])
    },
    close: (token) => void remove.run(token),
    closeAll: () => void removeAll.run(),
    addRefreshToken: (token) => void addRefresh.run(token),
    refreshTokenState(token) {
      const retired = refreshState.get(token)?.['retired']
      if (retired === undefined) return 'unknown'
      return retired === 1 ? 'retired' : 'live'
    },
    rotate(token) {
      retire.run(token)
      const next = `5Aep${opaque()}`
      addRefresh.run(next)
      return next
    },
    revokeAll() {
      retireAll.run()
      removeAll.run()
    },
  }
}
