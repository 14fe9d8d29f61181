import { type CommonQueryMethods, sql } from 'slonik'
import type { ConnectionFailure, ConnectionOperationKind } from '../contracts/connection.ts'
import { row } from './row-type.ts'

/** A row of `connection_operations`: what is asked of Salesforce about a connection, and the outcome. */
export interface ConnectionOperation {
  readonly operationId: string
  readonly connectionId: string
  readonly kind: ConnectionOperationKind
  readonly state: 'running' | 'succeeded' | 'failed'
  readonly errorCode: ConnectionFailure | null
  readonly errorMessage: string | null
}

interface ConnectionOperationRow {
  operation_id: string
  connection_id: string
  kind: ConnectionOperationKind
  state: ConnectionOperation['state']
  error_code: ConnectionFailure | null
  error_message: string | null
}

export function createConnectionOperationQueries(connection: CommonQueryMethods) {
  return {
    async insert(
      operation: Pick<ConnectionOperation, 'operationId' | 'connectionId' | 'kind'> & {
        readonly workspaceId: string
        readonly lifeSeconds: number
      },
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into connection_operations (operation_id, workspace_id, connection_id, kind, expires_at)
        values (${operation.operationId}, ${operation.workspaceId}, ${operation.connectionId},
          ${operation.kind}, now() + ${operation.lifeSeconds} * interval '1 second')`)
    },

    async find(operationId: string): Promise<ConnectionOperation | null> {
      const found = await connection.maybeOne(sql.type(row<ConnectionOperationRow>())`
        select operation_id, connection_id, kind, state, error_code, error_message
        from connection_operations where operation_id = ${operationId}`)
      return found
        ? {
            operationId: found.operation_id,
            connectionId: found.connection_id,
            kind: found.kind,
            state: found.state,
            errorCode: found.error_code,
            errorMessage: found.error_message,
          }
        : null
    },

    /** False where it has ended already: the first outcome stands. */
    async succeed(operationId: string): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update connection_operations set state = 'succeeded', finished_at = now()
        where operation_id = ${operationId} and state = 'running'`)
      return result.rowCount === 1
    },

    /** As `succeed`. */
    async fail(operationId: string, code: ConnectionFailure, message: string): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update connection_operations
        set state = 'failed', error_code = ${code}, error_message = ${message}, finished_at = now()
        where operation_id = ${operationId} and state = 'running'`)
      return result.rowCount === 1
    },

    /** Run as the system. */
    async deleteExpired(limit: number): Promise<number> {
      const result = await connection.query(sql.type(row<never>())`
        delete from connection_operations where operation_id in (
          select operation_id from connection_operations where expires_at < now() limit ${limit})`)
      return result.rowCount
    },
  }
}
