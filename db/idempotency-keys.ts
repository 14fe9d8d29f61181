import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** A row of `idempotency_keys`. */
export interface IdempotencyKey {
  /** SHA-256 of the request, hex; null while the first request is still arriving. */
  readonly requestHash: string | null
  readonly jobId: string
  /** Whether that job is still staging, and for how many seconds nothing arrived. */
  readonly staging: boolean
  readonly idleSeconds: number
}

interface IdempotencyKeyRow {
  request_hash: string | null
  job_id: string
  staging: boolean
  idle_seconds: number
}

interface KeyName {
  readonly workspaceId: string
  readonly route: string
  readonly key: string
}

export type IdempotencyKeyQueries = ReturnType<typeof createIdempotencyKeyQueries>

export function createIdempotencyKeyQueries(connection: CommonQueryMethods) {
  return {
    /** Takes the key for a job; null when it was free, else what holds it. An expired key is free. */
    async reserve(name: KeyName, jobId: string, keptHours: number): Promise<IdempotencyKey | null> {
      await connection.query(sql.type(row<never>())`
        delete from idempotency_keys where workspace_id = ${name.workspaceId} and route = ${name.route}
          and idempotency_key = ${name.key} and expires_at < now()`)
      const inserted = await connection.maybeOneFirst(sql.type(row<{ job_id: string }>())`
        insert into idempotency_keys (workspace_id, route, idempotency_key, job_id, expires_at)
        values (${name.workspaceId}, ${name.route}, ${name.key}, ${jobId},
          now() + ${keptHours} * interval '1 hour')
        on conflict do nothing returning job_id`)
      if (inserted !== null) return null
      const held = await connection.maybeOne(sql.type(row<IdempotencyKeyRow>())`
        select k.request_hash, k.job_id, coalesce(j.state = 'Staging', true) as staging,
          extract(epoch from now() - greatest(j.staged_at, k.created_at))::float8 as idle_seconds
        from idempotency_keys k left join salesforce_bulk_jobs j using (job_id)
        where k.workspace_id = ${name.workspaceId} and k.route = ${name.route}
          and k.idempotency_key = ${name.key}`)
      return held
        ? {
            requestHash: held.request_hash,
            jobId: held.job_id,
            staging: held.staging,
            idleSeconds: held.idle_seconds,
          }
        : null
    },

    /** What a request that was read in full made under this key; null where there is none. */
    async findCompleted(
      name: KeyName,
    ): Promise<{ readonly requestHash: string; readonly jobId: string } | null> {
      const found = await connection.maybeOne(
        sql.type(row<{ request_hash: string; job_id: string }>())`
        select request_hash, job_id from idempotency_keys
        where workspace_id = ${name.workspaceId} and route = ${name.route} and idempotency_key = ${name.key}
          and request_hash is not null and expires_at > now()`,
      )
      return found ? { requestHash: found.request_hash, jobId: found.job_id } : null
    },

    /** Keeps what was asked, once it is known in full. False when the key went to another request. */
    async complete(name: KeyName, jobId: string, requestHash: string): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update idempotency_keys set request_hash = ${requestHash}
        where workspace_id = ${name.workspaceId} and route = ${name.route}
          and idempotency_key = ${name.key} and job_id = ${jobId}`)
      return result.rowCount === 1
    },

    /** Frees the key of a request that came to nothing. */
    async release(name: KeyName, jobId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from idempotency_keys where workspace_id = ${name.workspaceId} and route = ${name.route}
          and idempotency_key = ${name.key} and job_id = ${jobId} and request_hash is null`)
    },

    async deleteExpired(limit: number): Promise<number> {
      const result = await connection.query(sql.type(row<never>())`
        delete from idempotency_keys where (workspace_id, route, idempotency_key) in (
          select workspace_id, route, idempotency_key from idempotency_keys
          where expires_at < now() limit ${limit})`)
      return result.rowCount
    },
  }
}
