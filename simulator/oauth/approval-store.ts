import type { DatabaseSync } from 'node:sqlite'
import { opaqueText } from './opaque-text.ts'
import { parseScopes, type Scope } from './scopes.ts'

/** A user's consent that an app may act for them. */
export interface Approval {
  readonly id: number
  readonly clientId: string
  readonly userNumber: number
  readonly scopes: readonly Scope[]
  /** Milliseconds since 1970. */
  readonly created: number
}

/** What an approval is made of. */
export type ApprovalGrant = Pick<Approval, 'clientId' | 'userNumber' | 'scopes'>

/** Approvals and their refresh tokens. Writers must run inside a transaction. */
export interface ApprovalStore {
  /** Adds an approval, and gives the ids of the user's oldest ones of the app that it pushed out. */
  add(grant: ApprovalGrant): { readonly id: number; readonly dropped: readonly number[] }
  list(): Approval[]
  /** A user's approvals of an app, the latest first. */
  ofUser(clientId: string, userNumber: number): Approval[]
  /** The approval that a refresh token belongs to, and whether another token has taken its place. */
  ofRefreshToken(token: string): { readonly approval: Approval; readonly retired: boolean } | null
  /** Whether a refresh token was ever given out, also where its approval has ended since. */
  knows(token: string): boolean
  /** Gives an approval a refresh token; one of the caller's choice, or a new one. */
  addRefreshToken(approval: number, token?: string): string
  /** Retires the approval's refresh token and gives the next one. */
  rotate(approval: number): string
  /** Ends an approval and its refresh tokens; its sessions are the session store's. */
  remove(approval: number): void
  clear(): void
}

/** Live approvals of one app by one user. */
const MOST = 5

const TABLES = `
  CREATE TABLE IF NOT EXISTS oauth_approval (
    id INTEGER PRIMARY KEY AUTOINCREMENT, client_id TEXT NOT NULL, user INTEGER NOT NULL,
    scopes TEXT NOT NULL, created INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS oauth_approval_of ON oauth_approval (client_id, user);
  CREATE TABLE IF NOT EXISTS oauth_refresh_token (
    token TEXT PRIMARY KEY, approval INTEGER NOT NULL, retired INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS oauth_refresh_token_of ON oauth_refresh_token (approval)`

export function createApprovalStore(database: DatabaseSync, now: () => number): ApprovalStore {
  database.exec(TABLES)
  const insert = database.prepare(
    'INSERT INTO oauth_approval (client_id, user, scopes, created) VALUES (?, ?, ?, ?)',
  )
  const all = database.prepare('SELECT * FROM oauth_approval ORDER BY id')
  const of = database.prepare(
    'SELECT * FROM oauth_approval WHERE client_id = ? AND user = ? ORDER BY id DESC',
  )
  const byToken = database.prepare(
    `SELECT oauth_approval.*, retired FROM oauth_refresh_token
     JOIN oauth_approval ON oauth_approval.id = approval WHERE token = ?`,
  )
  const insertToken = database.prepare(
    'INSERT INTO oauth_refresh_token (token, approval) VALUES (?, ?)',
  )
  const retire = database.prepare('UPDATE oauth_refresh_token SET retired = 1 WHERE approval = ?')
  const remove = database.prepare('DELETE FROM oauth_approval WHERE id = ?')
  const knows = database.prepare('SELECT 1 FROM oauth_refresh_token WHERE token = ?')

  function addRefreshToken(approval: number, token = `5Aep861${opaqueText(48)}`): string {
    insertToken.run(token, approval)
    return token
  }
  function end(approval: number): void {
    retire.run(approval)
    remove.run(approval)
  }

  return {
    add({ clientId, userNumber, scopes }) {
      const { lastInsertRowid } = insert.run(clientId, userNumber, scopes.join(' '), now())
      const dropped = of
        .all(clientId, userNumber)
        .slice(MOST)
        .map((row) => Number(row['id']))
      for (const approval of dropped) end(approval)
      return { id: Number(lastInsertRowid), dropped }
    },
    list: () => all.all().map(toApproval),
    ofUser: (clientId, userNumber) => of.all(clientId, userNumber).map(toApproval),
    ofRefreshToken(token) {
      const row = byToken.get(token)
      return row === undefined ? null : { approval: toApproval(row), retired: row['retired'] === 1 }
    },
    knows: (token) => knows.get(token) !== undefined,
    addRefreshToken,
    rotate(approval) {
      retire.run(approval)
      return addRefreshToken(approval)
    },
    remove: end,
    clear() {
      database.exec('DELETE FROM oauth_refresh_token; DELETE FROM oauth_approval')
    },
  }
}

function toApproval(row: Record<string, unknown>): Approval {
  return {
    id: Number(row['id']),
    clientId: String(row['client_id']),
    userNumber: Number(row['user']),
    scopes: parseScopes(String(row['scopes'])) ?? [],
    created: Number(row['created']),
  }
}
