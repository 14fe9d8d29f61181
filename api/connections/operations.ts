import { randomUUID } from 'node:crypto'
import type { ConnectionOperationKind } from '../../contracts/connection.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import {
  type ConnectionOperation,
  createConnectionOperationQueries,
  type OperationAsker,
} from '../../db/connection-operations.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { awaitOutcome, type Outcome, requireSuccess } from './await-outcome.ts'

/** Seconds that an outcome is kept for who waits; a revocation may take an hour. */
const OUTCOME_SECONDS = 7_200

/**
 * Notes what Salesforce is to be asked, in the transaction that needs it. Gives its id.
 * @param askedBy of an operation whose outcome gets an entry of its own in the audit log.
 */
export async function noteOperation(
  transaction: CommonQueryMethods,
  c: ApiContext,
  connectionId: string,
  kind: ConnectionOperationKind,
  askedBy: OperationAsker | null = null,
): Promise<string> {
  const operationId = `operation_${randomUUID()}`
  await createConnectionOperationQueries(transaction).insert({
    ...{ operationId, connectionId, kind, askedBy, workspaceId: c.var.workspaceId },
    lifeSeconds: OUTCOME_SECONDS,
  })
  return operationId
}

/**
 * Has a connection tested, or its session renewed. That it was asked for is in the audit log before Salesforce is; the
 * outcome's entry is written with the outcome, by whoever brings it about.
 * @throws {ApiError} with the outcome's code where it is not what was wanted, `operation_in_progress` without one.
 */
export async function askSalesforce(
  deps: ApiDependencies,
  c: ApiContext,
  connectionId: string,
  kind: 'test' | 'refresh',
): Promise<void> {
  const operationId = await c.var.database.transaction(async (transaction) => {
    const began = auditEntry(c, {
      action: `connection.${kind}_started`,
      subject: connectionId,
    })
    const { actorKind, actorId, address, requestId } = began
    const askedBy = { actorKind, actorId, address, requestId }
    const noted = await noteOperation(transaction, c, connectionId, kind, askedBy)
    const details = { operation_id: noted }
    await createAuditLogQueries(transaction).append({ ...began, details })
    return noted
  })
  requireSuccess(await runOperation(deps, c, { operationId, connectionId, kind }))
}

export type OperationOutcome = Outcome & Pick<ConnectionOperation, 'state'>

/**
 * Starts the workflow of an operation and waits for its outcome; null where that takes too long.
 * @throws {ApiError} `service_unavailable` where it could not be started. The operation has failed then.
 */
export async function runOperation(
  deps: ApiDependencies,
  c: ApiContext,
  operation: Pick<ConnectionOperation, 'operationId' | 'connectionId' | 'kind'>,
): Promise<OperationOutcome | null> {
  const { operationId, connectionId, kind } = operation
  const operations = createConnectionOperationQueries(c.var.database)
  const input = { workspaceId: c.var.workspaceId, connectionId, operationId }
  try {
    await (kind === 'revoke'
      ? deps.starters.startRevokeConnection(input)
      : deps.starters.startTestConnection(input))
  } catch (error) {
    const message = 'Temporal does not answer, so nothing was asked of Salesforce. Try again soon.'
    await operations.fail(operationId, 'salesforce_unavailable', message)
    throw new ApiError('service_unavailable', message, {
      headers: { 'retry-after': '5' },
      cause: error,
    })
  }
  return awaitOutcome(deps.settings, async () => {
    const found = await operations.find(operationId)
    if (found === null) throw new Error(`The operation ${operationId} is gone.`)
    const { state, errorCode, errorMessage } = found
    return { ended: state !== 'running', state, errorCode, errorMessage }
  })
}
