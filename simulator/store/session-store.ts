import type { DatabaseSync } from 'node:sqlite'
import { opaqueText } from '../oauth/opaque-text.ts'
import { parseScopes, type Scope } from '../oauth/scopes.ts'
import { ORG_ID } from '../org.ts'

/** Whom a session acts for, and what it may do. */
export interface SessionGrant {
  /** The number of the User record whose session it is. */
  readonly userNumber: number
  readonly clientId: string
  /** The approval that it came from; `null` where no user gave one. */
  readonly approval: number | null
  readonly scopes: readonly Scope[]
}

/** A live access token. Times are milliseconds since 1970. */
export interface Session extends SessionGrant {
  readonly created: number
  /** From when on its lifetime counts. */
  readonly used: number
}

/** Access tokens. Writers must run inside a transaction. */
export interface SessionStore {
  /** A new access token. */
  open(grant: SessionGrant): string
  /** `null` where the token is none, or no more. `null` seconds live without end. */
  find(token: string, lifetimeSeconds: number | null): Session | null
  /** The tokens made last, latest first, live or not. */
  latest(limit: number): (Session & { readonly token: string })[]
  /** Lets the lifetime begin anew. */
  prolong(token: string): void
  close(token: string): void
  /** Ends the sessions of a user, of an app, of both together, or all. */
  closeMany(of: { readonly userNumber?: number; readonly clientId?: string }): void
  closeApproval(approval: number): void
}

const TABLE = `
  CREATE TABLE IF NOT EXISTS oauth_session (
    token TEXT PRIMARY KEY, user INTEGER NOT NULL, client_id TEXT NOT NULL, approval INTEGER,
    scopes TEXT NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS oauth_session_approval ON oauth_session (approval)`

export function createSessionStore(database: DatabaseSync, now: () => number): SessionStore {
  database.exec(TABLE)
  const insert = database.prepare('INSERT INTO oauth_session VALUES (?, ?, ?, ?, ?, ?, ?)')
  const select = database.prepare('SELECT * FROM oauth_session WHERE token = ?')
  const latest = database.prepare('SELECT * FROM oauth_session ORDER BY created DESC LIMIT ?')
  const prolong = database.prepare('UPDATE oauth_session SET used = ? WHERE token = ?')
  const remove = database.prepare('DELETE FROM oauth_session WHERE token = ?')
  const removeMany = database.prepare(
    'DELETE FROM oauth_session WHERE user = coalesce(?, user) AND client_id = coalesce(?, client_id)',
  )
  const removeApproval = database.prepare('DELETE FROM oauth_session WHERE approval = ?')

  return {
    open({ userNumber, clientId, approval, scopes }) {
      const token = `${ORG_ID.slice(0, 15)}!AQ${opaqueText(66)}`
      insert.run(token, userNumber, clientId, approval, scopes.join(' '), now(), now())
      return token
    },
    find(token, lifetimeSeconds) {
      const row = select.get(token)
      if (row === undefined) return null
      const session = toSession(row)
      const age = now() - session.used
      return lifetimeSeconds !== null && age >= lifetimeSeconds * 1_000 ? null : session
    },
    latest: (limit) =>
      latest.all(limit).map((row) => ({ token: String(row['token']), ...toSession(row) })),
    prolong: (token) => void prolong.run(now(), token),
    close: (token) => void remove.run(token),
    closeMany: ({ userNumber, clientId }) =>
      void removeMany.run(userNumber ?? null, clientId ?? null),
    closeApproval: (approval) => void removeApproval.run(approval),
  }
}

function toSession(row: Record<string, unknown>): Session {
  return {
    userNumber: Number(row['user']),
    clientId: String(row['client_id']),
    approval: row['approval'] === null ? null : Number(row['approval']),
    scopes: parseScopes(String(row['scopes'])) ?? [],
    created: Number(row['created']),
    used: Number(row['used']),
  }
}
