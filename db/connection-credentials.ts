import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** A row of `connection_credentials`: the app that a connection signs in with. */
export interface ConnectionCredentials {
  readonly connectionId: string
  readonly clientId: string
  /** Sealed. Null for a public app, and for the environment's app, whose secret is there. */
  readonly clientSecret: Buffer | null
  /** JWT bearer: whom it acts for, and the key that signs for it (sealed). */
  readonly username: string | null
  readonly privateKey: Buffer | null
}

interface ConnectionCredentialsRow {
  connection_id: string
  client_id: string
  client_secret: Buffer | null
  username: string | null
  private_key: Buffer | null
}

/** Where a sealed secret lives, for `security/sealing.ts`. */
export function credentialContext(
  connectionId: string,
  column: 'client_secret' | 'private_key',
): string {
  return `connection_credentials/${connectionId}/${column}`
}

export function createConnectionCredentialQueries(connection: CommonQueryMethods) {
  return {
    async find(connectionId: string): Promise<ConnectionCredentials | null> {
      const found = await connection.maybeOne(sql.type(row<ConnectionCredentialsRow>())`
        select connection_id, client_id, client_secret, username, private_key
        from connection_credentials where connection_id = ${connectionId}`)
      return found
        ? {
            connectionId: found.connection_id,
            clientId: found.client_id,
            clientSecret: found.client_secret,
            username: found.username,
            privateKey: found.private_key,
          }
        : null
    },

    async put(workspaceId: string, credentials: ConnectionCredentials): Promise<void> {
      const { connectionId, clientId, clientSecret, username, privateKey } = credentials
      await connection.query(sql.type(row<never>())`
        insert into connection_credentials (connection_id, workspace_id, client_id, client_secret, username,
          private_key)
        values (${connectionId}, ${workspaceId}, ${clientId},
          ${clientSecret === null ? null : sql.binary(clientSecret)}, ${username},
          ${privateKey === null ? null : sql.binary(privateKey)})
        on conflict (connection_id) do update
        set client_id = excluded.client_id, client_secret = excluded.client_secret,
          username = excluded.username, private_key = excluded.private_key`)
    },

    async remove(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from connection_credentials where connection_id = ${connectionId}`)
    },
  }
}
