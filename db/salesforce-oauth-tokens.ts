import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** What Salesforce said when it refused a session, as one process leaves it for the others. */
export interface StoredRefusal {
  readonly kind: string
  readonly message: string
  readonly errorCode: string | null
  readonly httpStatus: number | null
}

/** A row of `salesforce_oauth_tokens`: the session of a connection, and who renews it. */
export interface StoredSession {
  readonly sessionNumber: number
  /** Sealed, both. */
  readonly accessToken: Buffer | null
  readonly refreshToken: Buffer | null
  readonly instanceUrl: string | null
  readonly organizationId: string | null
  readonly scope: string | null
  readonly origin: string | null
  readonly isActive: boolean
  /** Salesforce refused the access token. */
  readonly isRefused: boolean
  /** Number of the latest lease. */
  readonly attempt: number
  /** A call whose outcome nobody knows; null where there is none. */
  readonly calledAt: Date | null
  readonly refusedAttempt: number | null
  readonly refusal: StoredRefusal | null
}

interface StoredSessionRow {
  session_number: number
  access_token: Buffer | null
  refresh_token: Buffer | null
  instance_url: string | null
  organization_id: string | null
  scope: string | null
  origin: string | null
  is_active: boolean
  is_refused: boolean
  refresh_attempt: number
  refresh_called_at: Date | null
  refused_attempt: number | null
  refusal: StoredRefusal | null
}

const toStoredSession = (r: StoredSessionRow): StoredSession => ({
  sessionNumber: r.session_number,
  accessToken: r.access_token,
  refreshToken: r.refresh_token,
  instanceUrl: r.instance_url,
  organizationId: r.organization_id,
  scope: r.scope,
  origin: r.origin,
  isActive: r.is_active,
  isRefused: r.is_refused,
  attempt: r.refresh_attempt,
  calledAt: r.refresh_called_at,
  refusedAttempt: r.refused_attempt,
  refusal: r.refusal,
})

const columns = sql.fragment`
  session_number, access_token, refresh_token, instance_url, organization_id, scope, origin, is_active,
  access_token_refused_at is not null as is_refused, refresh_attempt, refresh_called_at, refused_attempt, refusal`

/** A session as it is stored; tokens are sealed. */
export interface NewSession {
  readonly accessToken: Buffer
  /** Null keeps the one that is there. */
  readonly refreshToken: Buffer | null
  readonly instanceUrl: string
  readonly organizationId: string
  readonly scope: string | null
  readonly origin: string
}

/** Where a sealed token lives, for `security/sealing.ts`. */
export function tokenContext(
  connectionId: string,
  column: 'access_token' | 'refresh_token',
): string {
  return `salesforce_oauth_tokens/${connectionId}/${column}`
}

export type SalesforceOauthTokenQueries = ReturnType<typeof createSalesforceOauthTokenQueries>

export function createSalesforceOauthTokenQueries(connection: CommonQueryMethods) {
  return {
    async find(connectionId: string): Promise<StoredSession | null> {
      const found = await connection.maybeOne(sql.type(row<StoredSessionRow>())`
        select ${columns} from salesforce_oauth_tokens where connection_id = ${connectionId}`)
      return found ? toStoredSession(found) : null
    },

    /** The refresh token that is to be replaced: nobody else replaces it until the transaction ends. */
    async holdRefreshToken(connectionId: string): Promise<Buffer | null> {
      return connection.maybeOneFirst(sql.type(row<{ refresh_token: Buffer | null }>())`
        select refresh_token from salesforce_oauth_tokens
        where connection_id = ${connectionId} for update`)
    },

    /** The profile of the user that a person authorised the connection as; null where it is not known. */
    async findProfileId(connectionId: string): Promise<string | null> {
      return connection.maybeOneFirst(sql.type(row<{ profile_id: string | null }>())`
        select profile_id from salesforce_oauth_tokens where connection_id = ${connectionId}`)
    },

    /** Makes the row, without a session, where it is missing. */
    async ensure(connectionId: string, workspaceId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into salesforce_oauth_tokens (connection_id, workspace_id)
        values (${connectionId}, ${workspaceId}) on conflict (connection_id) do nothing`)
    },

    /**
     * Takes the lease to replace the session of that number; null where another process holds it, or has replaced the
     * session already.
     */
    async takeLease(
      connectionId: string,
      sessionNumber: number,
      holder: string,
      seconds: number,
    ): Promise<StoredSession | null> {
      const taken = await connection.maybeOne(sql.type(row<StoredSessionRow>())`
        update salesforce_oauth_tokens
        set refresh_attempt = refresh_attempt + 1, refresh_holder = ${holder},
          refresh_lease_until = now() + ${seconds} * interval '1 second',
          access_token_refused_at = coalesce(access_token_refused_at, now())
        where connection_id = ${connectionId} and session_number = ${sessionNumber}
          and (refresh_lease_until is null or refresh_lease_until < now())
        returning ${columns}`)
      return taken ? toStoredSession(taken) : null
    },

    /** False where the lease has gone to somebody else. */
    async prolongLease(connectionId: string, attempt: number, seconds: number): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update salesforce_oauth_tokens
        set refresh_lease_until = now() + ${seconds} * interval '1 second'
        where connection_id = ${connectionId} and refresh_attempt = ${attempt}
          and refresh_lease_until is not null`)
      return result.rowCount === 1
    },

    /** Committed before Salesforce is called. False where the lease has gone to somebody else. */
    async announceCall(connectionId: string, attempt: number): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update salesforce_oauth_tokens set refresh_called_at = now()
        where connection_id = ${connectionId} and refresh_attempt = ${attempt}
          and refresh_lease_until >= now()`)
      return result.rowCount === 1
    },

    /** Gives the lease back. `calledAt` goes where it is certain that the call did nothing. */
    async releaseLease(
      connectionId: string,
      attempt: number,
      call: 'did_nothing' | 'unknown',
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_oauth_tokens
        set refresh_lease_until = null, refresh_holder = null,
          refresh_called_at = ${call === 'unknown' ? sql.fragment`refresh_called_at` : sql.fragment`null`}
        where connection_id = ${connectionId} and refresh_attempt = ${attempt}`)
    },

    /** As `releaseLease`, with what Salesforce said, for all who wait. */
    async setRefused(
      connectionId: string,
      attempt: number,
      refusal: StoredRefusal,
      call: 'did_nothing' | 'unknown',
    ): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update salesforce_oauth_tokens
        set refresh_lease_until = null, refresh_holder = null, refused_attempt = ${attempt},
          refusal = ${sql.jsonb({ ...refusal })},
          refresh_called_at = ${call === 'unknown' ? sql.fragment`refresh_called_at` : sql.fragment`null`}
        where connection_id = ${connectionId} and refresh_attempt = ${attempt}`)
      return result.rowCount === 1
    },

    /**
     * Puts a session in the place of the one of that number, whoever holds the lease by now: what Salesforce granted is
     * worth more than the wish to ask again. False where a newer session is there.
     */
    async replace(connectionId: string, sessionNumber: number, next: NewSession): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update salesforce_oauth_tokens
        set ${sessionAssignments(next)},
          refresh_token = ${
            next.refreshToken === null
              ? // What belongs to other credentials is not kept beside this session.
                sql.fragment`case when origin is not distinct from ${next.origin} then refresh_token end`
              : sql.binary(next.refreshToken)
          }
        where connection_id = ${connectionId} and session_number = ${sessionNumber} and is_active`)
      return result.rowCount === 1
    },

    /** A person authorised the connection: this session counts, whatever was there and whoever is renewing it. */
    async put(
      owner: { readonly connectionId: string; readonly workspaceId: string },
      next: NewSession,
      who: {
        readonly userId: string | null
        readonly username: string | null
        readonly email: string | null
        readonly profileId: string | null
        readonly environment: string
      },
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into salesforce_oauth_tokens (connection_id, workspace_id)
        values (${owner.connectionId}, ${owner.workspaceId}) on conflict (connection_id) do nothing`)
      await connection.query(sql.type(row<never>())`
        update salesforce_oauth_tokens
        set ${sessionAssignments(next)}, is_active = true, refresh_attempt = refresh_attempt + 1,
          refresh_token = ${next.refreshToken === null ? null : sql.binary(next.refreshToken)},
          user_id = ${who.userId}, username = ${who.username}, email = ${who.email},
          profile_id = ${who.profileId}, environment = ${who.environment}
        where connection_id = ${owner.connectionId}`)
    },

    /** The session must not be used or renewed any more; its tokens stay until they are given back. */
    async deactivate(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_oauth_tokens set is_active = false where connection_id = ${connectionId}`)
    },

    /** Nothing secret is left. */
    async erase(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_oauth_tokens
        set access_token = null, refresh_token = null, is_active = false, user_id = null, email = null,
          origin = null, refresh_called_at = null, refresh_lease_until = null
        where connection_id = ${connectionId}`)
    },

    /** The name that legacy callers know the connection by goes to another one. */
    async forgetUser(userId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_oauth_tokens set user_id = null where user_id = ${userId}`)
    },

    async countUses(connectionId: string, uses: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update salesforce_oauth_tokens set access_count = access_count + ${uses}, last_used_at = now()
        where connection_id = ${connectionId}`)
    },
  }
}

/** All but the refresh token, whose fate differs. Nothing is known against the new session, and nobody renews it. */
function sessionAssignments(next: NewSession) {
  return sql.fragment`
    session_number = session_number + 1, access_token = ${sql.binary(next.accessToken)},
    instance_url = ${next.instanceUrl}, organization_id = ${next.organizationId}, scope = ${next.scope},
    origin = ${next.origin}, issued_at = now(), access_token_refused_at = null, refresh_lease_until = null,
    refresh_holder = null, refresh_called_at = null, refused_attempt = null, refusal = null`
}
