import { randomUUID } from 'node:crypto'
import type { ConnectionOperationKind } from '../../contracts/connection.ts'
import {
  type ConnectionOperation,
  createConnectionOperationQueries,
} from '../../db/connection-operations.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { awaitOutcome, type Outcome } from './await-outcome.ts'

/** Seconds that an outcome is kept for who waits; a revocation may take an hour. */
const OUTCOME_SECONDS = 7_200

/** Notes what Salesforce is to be asked, in the transaction that needs it. Gives its id. */
export async function noteOperation(
  transaction: CommonQueryMethods,
  c: ApiContext,
  connectionId: string,
  kind: ConnectionOperationKind,
): Promise<string> {
  const operationId = `operation_${randomUUID()}`
  await createConnectionOperationQueries(transaction).insert({
    ...{ operationId, connectionId, kind, workspaceId: c.var.workspaceId },
    lifeSeconds: OUTCOME_SECONDS,
  })
  return operationId
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
