import { type CommonQueryMethods, sql } from 'slonik'
import type { BlockReason } from '../contracts/bulk-job.ts'
import type { ConnectionFlow, ConnectionStatus } from '../contracts/connection.ts'
import {
  type Connection,
  type ConnectionRow,
  connectionColumns,
  toConnection,
} from './connection-row.ts'
import { row } from './row-type.ts'

/** What a grant tells of the org and the user that it is for. */
export interface GrantedIdentity {
  readonly instanceUrl: string
  readonly organizationId: string
  readonly salesforceUserId: string | null
  readonly scope: string | null
}

export type NewConnection = Pick<
  Connection,
  'connectionId' | 'workspaceId' | 'name' | 'flow' | 'loginUrl' | 'userId'
> & { readonly createdBy: string | null }

/** API calls of an org in 24 hours. */
export interface ApiUsage {
  readonly connectionId: string
  readonly used: number
  readonly limit: number
  readonly at: Date
}

/** Those that have used most of what they have; of more nobody reads. */
const MOST_USAGES = 50

export type ConnectionQueries = ReturnType<typeof createConnectionQueries>

export function createConnectionQueries(connection: CommonQueryMethods) {
  return {
    /** Also one that was removed: jobs still name it. */
    async get(connectionId: string): Promise<Connection | null> {
      const found = await connection.maybeOne(sql.type(row<ConnectionRow>())`
        select ${connectionColumns} from connections where connection_id = ${connectionId}`)
      return found ? toConnection(found) : null
    },

    /** The workspace's default connection, which callers that name none use. */
    async findDefault(workspaceId: string): Promise<Connection | null> {
      const found = await connection.maybeOne(sql.type(row<ConnectionRow>())`
        select ${connectionColumns} from connections
        where workspace_id = ${workspaceId} and is_default and deleted_at is null`)
      return found ? toConnection(found) : null
    },

    /** The connection that callers of the legacy routes name so; null where none is. */
    async findByUser(userId: string): Promise<Connection | null> {
      const found = await connection.maybeOne(sql.type(row<ConnectionRow>())`
        select ${connectionColumns} from connections where user_id = ${userId} and deleted_at is null`)
      return found ? toConnection(found) : null
    },

    /** One that was authorised for the same user of the same org, for the same legacy caller. */
    async findSame(
      wanted: GrantedIdentity & { readonly userId: string | null; readonly flow: ConnectionFlow },
    ): Promise<Connection | null> {
      const found = await connection.maybeOne(sql.type(row<ConnectionRow>())`
        select ${connectionColumns} from connections
        where flow = ${wanted.flow} and organization_id = ${wanted.organizationId} and deleted_at is null
          and salesforce_user_id = ${wanted.salesforceUserId} and user_id is not distinct from ${wanted.userId}
        order by created_at limit 1`)
      return found ? toConnection(found) : null
    },

    /** Newest first, after the given connection. */
    async list(limit: number, afterConnectionId: string | null): Promise<Connection[]> {
      const position =
        afterConnectionId === null
          ? sql.fragment``
          : sql.fragment`and (created_at, connection_id) < (
              select created_at, connection_id from connections where connection_id = ${afterConnectionId})`
      const found = await connection.any(sql.type(row<ConnectionRow>())`
        select ${connectionColumns} from connections where deleted_at is null ${position}
        order by created_at desc, connection_id desc limit ${limit}`)
      return found.map(toConnection)
    },

    /**
     * One transaction of the workspace at a time decides which connection is the default and which has which name:
     * two at once would meet in the unique indexes.
     */
    async lock(workspaceId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        select pg_advisory_xact_lock(hashtextextended(${`connections of ${workspaceId}`}, 0))`)
    },

    /**
     * Holds the connection against `lockForRemoval` until the transaction ends, and lets all else of it go on. False
     * where it was removed, if need be by whoever was waited for.
     */
    async holdForJob(connectionId: string): Promise<boolean> {
      const held = await connection.maybeOneFirst(sql.type(row<{ connection_id: string }>())`
        select connection_id from connections
        where connection_id = ${connectionId} and deleted_at is null for key share`)
      return held !== null
    },

    /** Waits for the jobs that are being opened, and keeps others from it until the transaction ends. */
    async lockForRemoval(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        select from connections where connection_id = ${connectionId} for update`)
    },

    async insert(wanted: NewConnection): Promise<Connection> {
      const made = await connection.one(sql.type(row<ConnectionRow>())`
        insert into connections (connection_id, workspace_id, name, flow, login_url, user_id, created_by)
        values (${wanted.connectionId}, ${wanted.workspaceId}, ${wanted.name}, ${wanted.flow},
          ${wanted.loginUrl}, ${wanted.userId}, ${wanted.createdBy})
        returning ${connectionColumns}`)
      return toConnection(made)
    },

    /** What the latest grant says. A granted session is the proof that the connection works again. */
    async setGranted(connectionId: string, granted: GrantedIdentity): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections
        set instance_url = ${granted.instanceUrl}, organization_id = ${granted.organizationId},
          salesforce_user_id = coalesce(${granted.salesforceUserId}, salesforce_user_id),
          scope = coalesce(${granted.scope}, scope), blocked_reason = null, blocked_detail = null,
          blocked_at = null, updated_at = now()
        where connection_id = ${connectionId}`)
    },

    /** A person authorised it. */
    async setAuthorized(
      connectionId: string,
      wanted: { readonly loginUrl: string; readonly username: string | null },
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections
        set login_url = ${wanted.loginUrl}, username = coalesce(${wanted.username}, username),
          authorized_at = now(), revoked_at = null, updated_at = now()
        where connection_id = ${connectionId}`)
    },

    /** It passed its first test, and gets the name that legacy callers use. */
    async setVerified(connectionId: string, userId: string | null): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections set user_id = ${userId}, authorized_at = now(), updated_at = now()
        where connection_id = ${connectionId}`)
    },

    async setUsername(connectionId: string, username: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections set username = ${username}, updated_at = now()
        where connection_id = ${connectionId}`)
    },

    /** From now on nobody uses its tokens, which are still to be given back. */
    async setRevoked(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections set revoked_at = coalesce(revoked_at, now()), updated_at = now()
        where connection_id = ${connectionId}`)
    },

    /** Removes it for its callers. */
    async setDeleted(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections
        set deleted_at = coalesce(deleted_at, now()), revoked_at = coalesce(revoked_at, now()),
          is_default = false, user_id = null, updated_at = now()
        where connection_id = ${connectionId}`)
    },

    async setErased(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections set erased_at = coalesce(erased_at, now())
        where connection_id = ${connectionId}`)
    },

    /** Makes it the one that callers use who name none, and the one that was it an ordinary one. Under `lock`. */
    async makeDefault(workspaceId: string, connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections set is_default = false, updated_at = now()
        where workspace_id = ${workspaceId} and is_default and connection_id <> ${connectionId}`)
      await connection.query(sql.type(row<never>())`
        update connections set is_default = true, updated_at = now()
        where connection_id = ${connectionId} and not is_default`)
    },

    /** The name that legacy callers use is free for another connection. Under `lock`. */
    async forgetUser(userId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections set user_id = null, updated_at = now() where user_id = ${userId}`)
    },

    async countByStatus(): Promise<Readonly<Record<ConnectionStatus, number>>> {
      const found = await connection.any(sql.type(
        row<{ revoked: boolean; refused: boolean; n: number }>(),
      )`
        select revoked_at is not null as revoked,
          coalesce(blocked_reason = 'authentication_failed', false) as refused, count(*) as n
        from connections where deleted_at is null group by 1, 2`)
      const counts = { connected: 0, reauthorization_required: 0, revoked: 0 }
      for (const { revoked, refused, n } of found) {
        counts[revoked ? 'revoked' : refused ? 'reauthorization_required' : 'connected'] += n
      }
      return counts
    },

    /** Jobs of the connection that have not ended. */
    async countOpenJobs(connectionId: string): Promise<number> {
      return connection.oneFirst(sql.type(row<{ jobs: number }>())`
        select (select count(*) from salesforce_bulk_jobs
            where connection_id = ${connectionId}
              and state in ('Staging', 'Queued', 'InProgress', 'Paused', 'Blocked'))
          + (select count(*) from bulk_queries
            where connection_id = ${connectionId} and completed_at is null) as jobs`)
    },

    /** Removed ones whose tokens are still there, so long after that nobody can be giving them back any more. */
    async listNotErased(
      olderThanSeconds: number,
      limit: number,
    ): Promise<readonly { readonly connectionId: string; readonly workspaceId: string }[]> {
      return connection.any(
        sql.type(row<{ readonly connectionId: string; readonly workspaceId: string }>())`
        select connection_id as "connectionId", workspace_id as "workspaceId" from connections
        where deleted_at < now() - ${olderThanSeconds} * interval '1 second' and erased_at is null
        limit ${limit}`,
      )
    },

    async setApiUsage(connectionId: string, usage: { used: number; limit: number }): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections
        set api_usage_used = ${usage.used}, api_usage_limit = ${usage.limit}, api_usage_at = now()
        where connection_id = ${connectionId}`)
    },

    /** What Salesforce said last of each org's calls in 24 hours; nothing of those that were never asked. */
    async listApiUsage(): Promise<readonly ApiUsage[]> {
      return connection.any(sql.type(row<ApiUsage>())`
        select connection_id as "connectionId", api_usage_used as used, api_usage_limit as "limit",
          api_usage_at as at
        from connections where api_usage_at is not null and deleted_at is null
        order by api_usage_used::float8 / greatest(api_usage_limit, 1) desc, connection_id limit ${MOST_USAGES}`)
    },

    /** Records why the connection's jobs are held. */
    async block(connectionId: string, reason: BlockReason, detail: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections
        set blocked_reason = ${reason}, blocked_detail = ${detail}, blocked_at = coalesce(blocked_at, now()),
          updated_at = now()
        where connection_id = ${connectionId}`)
    },

    /**
     * A call went through: what a job noted late, after the connection was mended, does not stand. A renewal that was
     * refused, or whose answer was lost, does until there is another session.
     */
    async unblockByCall(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections
        set blocked_reason = null, blocked_detail = null, blocked_at = null, updated_at = now()
        where connection_id = ${connectionId} and blocked_reason is not null
          and not exists (
            select from salesforce_oauth_tokens t
            where t.connection_id = ${connectionId}
              and (t.refused_attempt is not null or t.refresh_called_at is not null))`)
    },

    /** The connection works again: jobs that it held are woken by the sweeper. */
    async unblock(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update connections
        set blocked_reason = null, blocked_detail = null, blocked_at = null, updated_at = now()
        where connection_id = ${connectionId} and blocked_reason is not null`)
    },
  }
}
