import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** A row of `webhook_intakes`: how the org of a connection reaches us. */
export interface WebhookIntake {
  /** Sealed. */
  readonly secret: Buffer | null
  readonly previousSecret: Buffer | null
  readonly previousSecretExpiresAt: Date | null
  /** SHA-256. */
  readonly pathHash: Buffer | null
}

/** Whose webhook it is, and what it is checked by. */
export interface IntakeOfConnection extends Omit<WebhookIntake, 'pathHash'> {
  readonly connectionId: string
  readonly workspaceId: string
  /** Null before the connection's first session. */
  readonly organizationId: string | null
}

export type ConnectionOfPath = Pick<
  IntakeOfConnection,
  'connectionId' | 'workspaceId' | 'organizationId'
>

/** Where a sealed secret lives, for `security/sealing.ts`. */
export function intakeSecretContext(
  connectionId: string,
  column: 'secret' | 'previous_secret',
): string {
  return `webhook_intakes/${connectionId}/${column}`
}

interface Owner {
  readonly connectionId: string
  readonly workspaceId: string
}

export function createWebhookIntakeQueries(connection: CommonQueryMethods) {
  return {
    /** Holds the row until the transaction ends: of two who change it at once the second sees what the first did. */
    async lock({ connectionId, workspaceId }: Owner): Promise<WebhookIntake> {
      return connection.one(sql.type(row<WebhookIntake>())`
        insert into webhook_intakes (connection_id, workspace_id) values (${connectionId}, ${workspaceId})
        on conflict (connection_id) do update set connection_id = excluded.connection_id
        returning secret, previous_secret as "previousSecret",
          previous_secret_expires_at as "previousSecretExpiresAt", path_hash as "pathHash"`)
    },

    /** All three as they will be: sealed for their own columns. */
    async setSecret(
      connectionId: string,
      wanted: Pick<WebhookIntake, 'secret' | 'previousSecret' | 'previousSecretExpiresAt'>,
    ): Promise<void> {
      const { secret, previousSecret, previousSecretExpiresAt: until } = wanted
      await connection.query(sql.type(row<never>())`
        update webhook_intakes
        set secret = ${binary(secret)}, previous_secret = ${binary(previousSecret)},
          previous_secret_expires_at = ${until === null ? null : sql.timestamp(until)},
          secret_issued_at = now()
        where connection_id = ${connectionId}`)
    },

    /** The path before it is good until `previousUntil`; null ends it at once. */
    async setPath(connectionId: string, pathHash: Buffer, previousUntil: Date | null) {
      await connection.query(sql.type(row<never>())`
        update webhook_intakes
        set path_hash = ${sql.binary(pathHash)},
          previous_path_hash = ${previousUntil === null ? null : sql.fragment`path_hash`},
          previous_path_expires_at = ${previousUntil === null ? null : sql.timestamp(previousUntil)},
          path_issued_at = now()
        where connection_id = ${connectionId}`)
    },

    /** False where there was none. */
    async removePaths(connectionId: string): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update webhook_intakes
        set path_hash = null, previous_path_hash = null, previous_path_expires_at = null, path_issued_at = null
        where connection_id = ${connectionId} and path_hash is not null`)
      return rowCount > 0
    },

    async remove(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from webhook_intakes where connection_id = ${connectionId}`)
    },

    /** Of a connection of any workspace; its secrets are null where none were issued. Null where it is gone. */
    async ofConnection(connectionId: string): Promise<IntakeOfConnection | null> {
      return connection.maybeOne(sql.type(row<IntakeOfConnection>())`
        select c.connection_id as "connectionId", c.workspace_id as "workspaceId",
          c.organization_id as "organizationId", i.secret, i.previous_secret as "previousSecret",
          i.previous_secret_expires_at as "previousSecretExpiresAt"
        from connections c left join webhook_intakes i using (connection_id)
        where c.connection_id = ${connectionId} and c.deleted_at is null`)
    },

    /** The connection whose path has this SHA-256, in any workspace. */
    async ofPath(pathHash: Buffer): Promise<ConnectionOfPath | null> {
      return connection.maybeOne(sql.type(row<ConnectionOfPath>())`
        select c.connection_id as "connectionId", c.workspace_id as "workspaceId",
          c.organization_id as "organizationId"
        from webhook_intakes i join connections c using (connection_id)
        where c.deleted_at is null and (i.path_hash = ${sql.binary(pathHash)}
          or (i.previous_path_hash = ${sql.binary(pathHash)} and i.previous_path_expires_at > now()))`)
    },
  }
}

function binary(bytes: Buffer | null) {
  return bytes === null ? null : sql.binary(bytes)
}
