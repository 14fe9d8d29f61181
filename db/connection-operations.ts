import { type CommonQueryMethods, sql } from 'slonik'
import type { ConnectionFailure, ConnectionOperationKind } from '../contracts/connection.ts'
import { createAuditLogQueries, type NewAuditEntry } from './audit-log.ts'
import { row } from './row-type.ts'

/** Who asked for an operation, as the audit log names them. */
export type OperationAsker = Pick<NewAuditEntry, 'actorKind' | 'actorId' | 'address' | 'requestId'>

/** A row of `connection_operations`: what is asked of Salesforce about a connection, and the outcome. */
export interface ConnectionOperation {
  readonly operationId: string
  readonly workspaceId: string
  readonly connectionId: string
  readonly kind: ConnectionOperationKind
  readonly state: 'running' | 'succeeded' | 'failed'
  readonly errorCode: ConnectionFailure | null
  readonly errorMessage: string | null
  /** Null where another entry of the audit log tells the outcome. */
  readonly askedBy: OperationAsker | null
}

interface ConnectionOperationRow {
  operation_id: string
  workspace_id: string
  connection_id: string
  kind: ConnectionOperationKind
  state: ConnectionOperation['state']
  error_code: ConnectionFailure | null
  error_message: string | null
  asked_by: OperationAsker | null
}

const toConnectionOperation = (r: ConnectionOperationRow): ConnectionOperation => ({
  operationId: r.operation_id,
  workspaceId: r.workspace_id,
  connectionId: r.connection_id,
  kind: r.kind,
  state: r.state,
  errorCode: r.error_code,
  errorMessage: r.error_message,
  askedBy: r.asked_by,
})

const columns = sql.fragment`
  operation_id, workspace_id, connection_id, kind, state, error_code, error_message, asked_by`

export function createConnectionOperationQueries(connection: CommonQueryMethods) {
  return {
    async insert(
      operation: Pick<
        ConnectionOperation,
        'operationId' | 'workspaceId' | 'connectionId' | 'kind'
      > & {
        readonly askedBy?: OperationAsker | null
        readonly lifeSeconds: number
      },
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into connection_operations (operation_id, workspace_id, connection_id, kind, asked_by,
          expires_at)
        values (${operation.operationId}, ${operation.workspaceId}, ${operation.connectionId},
          ${operation.kind}, ${operation.askedBy ? sql.jsonb({ ...operation.askedBy }) : null},
          now() + ${operation.lifeSeconds} * interval '1 second')`)
    },

    async find(operationId: string): Promise<ConnectionOperation | null> {
      const found = await connection.maybeOne(sql.type(row<ConnectionOperationRow>())`
        select ${columns} from connection_operations where operation_id = ${operationId}`)
      return found ? toConnectionOperation(found) : null
    },

    /**
     * False where it has ended already: the first outcome stands. Its entry in the audit log is written with it: both or
     * neither.
     */
    async succeed(operationId: string): Promise<boolean> {
      return connection.transaction(async (transaction) => {
        const ended = await transaction.maybeOne(sql.type(row<ConnectionOperationRow>())`
          update connection_operations set state = 'succeeded', finished_at = now()
          where operation_id = ${operationId} and state = 'running'
          returning ${columns}`)
        return noteOutcome(transaction, ended)
      })
    },

    /** As `succeed`. */
    async fail(operationId: string, code: ConnectionFailure, message: string): Promise<boolean> {
      return connection.transaction(async (transaction) => {
        const ended = await transaction.maybeOne(sql.type(row<ConnectionOperationRow>())`
          update connection_operations
          set state = 'failed', error_code = ${code}, error_message = ${message}, finished_at = now()
          where operation_id = ${operationId} and state = 'running'
          returning ${columns}`)
        return noteOutcome(transaction, ended)
      })
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

/** False where nothing ended. */
async function noteOutcome(
  transaction: CommonQueryMethods,
  ended: ConnectionOperationRow | null,
): Promise<boolean> {
  if (ended === null) return false
  const { askedBy, workspaceId, connectionId, operationId, kind, errorCode } =
    toConnectionOperation(ended)
  if (askedBy === null) return true
  await createAuditLogQueries(transaction).append({
    ...{ ...askedBy, workspaceId, subject: connectionId },
    action: kind === 'refresh' ? 'connection.refreshed' : 'connection.tested',
    outcome: errorCode === null ? 'success' : 'failed',
    details: { operation_id: operationId, ...(errorCode === null ? {} : { code: errorCode }) },
  })
  return true
}
