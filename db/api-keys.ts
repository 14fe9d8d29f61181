import { type CommonQueryMethods, sql } from 'slonik'
import type { Role, Scope } from '../contracts/access.ts'
import { row } from './row-type.ts'

/** A row of `api_keys`, without the hash. */
export interface ApiKey {
  readonly keyId: string
  readonly workspaceId: string
  readonly name: string
  readonly hint: string
  readonly role: Role
  /** Null: all scopes of the role. */
  readonly scopes: readonly Scope[] | null
  readonly createdAt: Date
  readonly createdBy: string | null
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  readonly rotatedFrom: string | null
  /** Right to the minute. */
  readonly lastUsedAt: Date | null
}

interface ApiKeyRow {
  key_id: string
  workspace_id: string
  name: string
  hint: string
  role: Role
  scopes: Scope[] | null
  created_at: Date
  created_by: string | null
  expires_at: Date | null
  revoked_at: Date | null
  rotated_from: string | null
  last_used_at: Date | null
}

const toApiKey = (r: ApiKeyRow): ApiKey => ({
  keyId: r.key_id,
  workspaceId: r.workspace_id,
  name: r.name,
  hint: r.hint,
  role: r.role,
  scopes: r.scopes,
  createdAt: r.created_at,
  createdBy: r.created_by,
  expiresAt: r.expires_at,
  revokedAt: r.revoked_at,
  rotatedFrom: r.rotated_from,
  lastUsedAt: r.last_used_at,
})

const columns = sql.fragment`
  key_id, workspace_id, name, hint, role, scopes, created_at, created_by, expires_at, revoked_at,
  rotated_from, last_used_at`

export interface NewApiKey {
  readonly keyId: string
  readonly workspaceId: string
  readonly name: string
  readonly keyHash: Buffer
  readonly hint: string
  readonly role: Role
  readonly scopes: readonly Scope[] | null
  readonly createdBy: string | null
  readonly expiresAt: Date | null
  readonly rotatedFrom: string | null
}

export type ApiKeyQueries = ReturnType<typeof createApiKeyQueries>

export function createApiKeyQueries(connection: CommonQueryMethods) {
  return {
    async insert(key: NewApiKey): Promise<ApiKey> {
      const made = await connection.one(sql.type(row<ApiKeyRow>())`
        insert into api_keys (key_id, workspace_id, name, key_hash, hint, role, scopes, created_by,
          expires_at, rotated_from)
        values (${key.keyId}, ${key.workspaceId}, ${key.name}, ${sql.binary(key.keyHash)}, ${key.hint},
          ${key.role}, ${key.scopes === null ? null : sql.jsonb([...key.scopes])}, ${key.createdBy},
          ${key.expiresAt === null ? null : sql.timestamp(key.expiresAt)}, ${key.rotatedFrom})
        returning ${columns}`)
      return toApiKey(made)
    },

    async find(keyId: string): Promise<ApiKey | null> {
      const found = await connection.maybeOne(sql.type(row<ApiKeyRow>())`
        select ${columns} from api_keys where key_id = ${keyId}`)
      return found ? toApiKey(found) : null
    },

    /** Whoever holds the key of this hash, expired and revoked ones too. */
    async findByHash(keyHash: Buffer): Promise<ApiKey | null> {
      const found = await connection.maybeOne(sql.type(row<ApiKeyRow>())`
        select ${columns} from api_keys where key_hash = ${sql.binary(keyHash)}`)
      return found ? toApiKey(found) : null
    },

    /** Whether there is a key, of whatever workspace, that neither ended nor was revoked. */
    async hasUsable(): Promise<boolean> {
      return connection.exists(sql.type(row<object>())`
        select from api_keys where revoked_at is null and (expires_at is null or expires_at > now())`)
    },

    /** Notes a use, once a minute at most: a busy key would rewrite its row at every request. */
    async touch(keyId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update api_keys set last_used_at = now()
        where key_id = ${keyId} and (last_used_at is null or last_used_at < now() - interval '1 minute')`)
    },

    /** Newest first, after the given key. */
    async list(limit: number, afterKeyId: string | null): Promise<ApiKey[]> {
      const position =
        afterKeyId === null
          ? sql.fragment``
          : sql.fragment`where (created_at, key_id) < (
              select created_at, key_id from api_keys where key_id = ${afterKeyId})`
      const found = await connection.any(sql.type(row<ApiKeyRow>())`
        select ${columns} from api_keys ${position} order by created_at desc, key_id desc limit ${limit}`)
      return found.map(toApiKey)
    },

    /** Ends a key now; null where there is none. Revoking twice keeps the first time. */
    async revoke(keyId: string, by: string | null): Promise<ApiKey | null> {
      const found = await connection.maybeOne(sql.type(row<ApiKeyRow>())`
        update api_keys
        set revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, ${by})
        where key_id = ${keyId} returning ${columns}`)
      return found ? toApiKey(found) : null
    },

    /** Lets a key go on until then and no longer: the overlap of a rotation. False for one that was revoked. */
    async expireAt(keyId: string, at: Date): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update api_keys set expires_at = least(expires_at, ${sql.timestamp(at)})
        where key_id = ${keyId} and revoked_at is null`)
      return result.rowCount === 1
    },
  }
}
