import { type CommonQueryMethods, sql } from 'slonik'
import { type ApiKey, createApiKeyQueries } from './api-keys.ts'
import { row } from './row-type.ts'

/** Sessions of one key at a time; a new one beyond them ends the oldest. */
const MOST_OF_KEY = 50

/** A row of `sessions`, without the hash. */
export interface Session {
  readonly sessionId: string
  readonly workspaceId: string
  readonly keyId: string
  readonly createdAt: Date
  /** Right to the minute. */
  readonly lastUsedAt: Date
  readonly expiresAt: Date
  readonly endedAt: Date | null
}

interface SessionRow {
  session_id: string
  workspace_id: string
  key_id: string
  created_at: Date
  last_used_at: Date
  expires_at: Date
  ended_at: Date | null
}

const toSession = (r: SessionRow): Session => ({
  sessionId: r.session_id,
  workspaceId: r.workspace_id,
  keyId: r.key_id,
  createdAt: r.created_at,
  lastUsedAt: r.last_used_at,
  expiresAt: r.expires_at,
  endedAt: r.ended_at,
})

const columns = sql.fragment`
  session_id, workspace_id, key_id, created_at, last_used_at, expires_at, ended_at`

export interface NewSession {
  readonly sessionId: string
  readonly workspaceId: string
  readonly keyId: string
  readonly tokenHash: Buffer
  readonly expiresAt: Date
  readonly address: string
}

export function createSessionQueries(connection: CommonQueryMethods) {
  return {
    /** Makes room as well: what ended of the key's sessions goes, and the oldest beyond the most it may have. */
    async insert(session: NewSession): Promise<Session> {
      await connection.query(sql.type(row<never>())`
        delete from sessions where session_id in (
          select session_id from sessions where key_id = ${session.keyId}
          order by ended_at is null and expires_at > now() desc, created_at desc, session_id desc
          offset ${MOST_OF_KEY - 1})`)
      const made = await connection.one(sql.type(row<SessionRow>())`
        insert into sessions (session_id, workspace_id, key_id, token_hash, expires_at, address)
        values (${session.sessionId}, ${session.workspaceId}, ${session.keyId},
          ${sql.binary(session.tokenHash)}, ${sql.timestamp(session.expiresAt)}, ${session.address})
        returning ${columns}`)
      return toSession(made)
    },

    /** The session of this hash with its key, ended and expired ones too. */
    async findByHash(
      tokenHash: Buffer,
    ): Promise<{ readonly session: Session; readonly key: ApiKey } | null> {
      const found = await connection.maybeOne(sql.type(row<SessionRow>())`
        select ${columns} from sessions where token_hash = ${sql.binary(tokenHash)}`)
      if (found === null) return null
      const key = await createApiKeyQueries(connection).find(found.key_id)
      return key === null ? null : { session: toSession(found), key }
    },

    async find(sessionId: string): Promise<Session | null> {
      const found = await connection.maybeOne(sql.type(row<SessionRow>())`
        select ${columns} from sessions where session_id = ${sessionId}`)
      return found ? toSession(found) : null
    },

    /** Notes a use, once in `everySeconds` at most. */
    async touch(sessionId: string, everySeconds: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update sessions set last_used_at = now()
        where session_id = ${sessionId} and last_used_at < now() - ${everySeconds} * interval '1 second'`)
    },

    /** Ends one now; ending twice keeps the first time. */
    async end(sessionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update sessions set ended_at = coalesce(ended_at, now()) where session_id = ${sessionId}`)
    },

    /** Ends all of a key that go on, and says how many. */
    async endAllOf(keyId: string): Promise<number> {
      const result = await connection.query(sql.type(row<never>())`
        update sessions set ended_at = now()
        where key_id = ${keyId} and ended_at is null and expires_at > now()`)
      return result.rowCount
    },

    /** Removes up to `limit` that are over, and says how many. */
    async deleteExpired(limit: number): Promise<number> {
      const result = await connection.query(sql.type(row<never>())`
        delete from sessions where session_id in (
          select session_id from sessions where expires_at < now() limit ${limit})`)
      return result.rowCount
    },
  }
}
