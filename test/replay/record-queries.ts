import { packBulkQueryRequest, packSoqlRequest } from '../../bulk/query-blobs.ts'
import { hasBulkQueryEnded } from '../../contracts/bulk-query.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { bulkQueryWorkflowId, runQueryWorkflowId } from '../../contracts/workflow-ids.ts'
import { bulkQueryContext, createBulkQueryQueries } from '../../db/bulk-queries.ts'
import { createSoqlQueryQueries, soqlQueryContext } from '../../db/soql-queries.ts'
import { createSealing } from '../../security/sealing.ts'
import type { TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

const owner = { workspaceId: DEFAULT_WORKSPACE_ID, connectionId: DEFAULT_CONNECTION_ID }
const clear = createSealing([])

/** One that is answered, and one that Temporal is told to cancel while Salesforce does not answer. */
export async function runQueryHistories(
  conveyor: TestConveyor,
): Promise<readonly (readonly [workflowId: string, scenario: string | null])[]> {
  const start = async (queryId: string) => {
    const request = packSoqlRequest({ soql: 'SELECT Id FROM User', batchSize: null })
    await createSoqlQueryQueries(conveyor.pool).insert(
      {
        ...{ ...owner, queryId, objectType: 'User', answerSeconds: 60, lifeSeconds: 60 },
        request: clear.seal(soqlQueryContext(queryId, 'request'), request),
      },
      50,
    )
    await conveyor.starters.startRunQuery({ ...owner, queryId })
    return runQueryWorkflowId(conveyor.installationId, queryId)
  }
  const answered = await start('soql_recorded')
  await conveyor.temporal.client.workflow.getHandle(answered).result()
  await conveyor.org.addFault({
    ...{ match: { call: 'query' }, times: 'always', action: { type: 'status', status: 503 } },
  })
  const cancelled = await start('soql_recorded_cancelled')
  const handle = conveyor.temporal.client.workflow.getHandle(cancelled)
  await until(async () => {
    const { raw } = await handle.describe()
    return (raw.pendingActivities?.[0]?.attempt ?? 0) > 1
  }, 30_000)
  await handle.cancel()
  await handle.result().catch(() => {})
  await conveyor.org.clearFaults()
  return [
    [answered, null],
    [cancelled, 'cancelled-in-temporal'],
  ]
}

/** One that is blocked on its way, one whose job is lost, and one that is cancelled by wish. */
export async function bulkQueryHistories(
  conveyor: TestConveyor,
): Promise<readonly (readonly [workflowId: string, scenario: string | null])[]> {
  const queries = createBulkQueryQueries(conveyor.pool)
  const start = async (queryId: string) => {
    const request = packBulkQueryRequest({
      soql: 'SELECT Id FROM User',
      columns: [{ name: 'Id', type: 'id' }],
    })
    await queries.insert({
      ...{ ...owner, queryId, objectType: 'User', includeDeleted: false },
      ...{ createdBy: null, requestId: null },
      request: clear.seal(bulkQueryContext(queryId, 'request'), request),
    })
    const query = { ...owner, queryId, objectType: 'User' }
    await conveyor.starters.startBulkQuery(query)
    return bulkQueryWorkflowId(conveyor.installationId, queryId)
  }
  const stateOf = async (queryId: string) => (await queries.get(queryId))?.state ?? 'Queued'
  const untilEnd = (queryId: string) =>
    until(async () => hasBulkQueryEnded(await stateOf(queryId)), 60_000)

  await conveyor.org.addFault({
    match: { call: 'bulkQuery.create' },
    action: { type: 'status', status: 403, errorCode: 'API_DISABLED_FOR_ORG' },
  })
  const blocked = await start('query_recorded_blocked')
  await until(async () => (await stateOf('query_recorded_blocked')) === 'Blocked', 30_000)
  await conveyor.starters.wakeBulkQuery('query_recorded_blocked')
  await untilEnd('query_recorded_blocked')

  await conveyor.org.addFault({
    match: { call: 'bulkQuery.results' },
    action: { type: 'status', status: 404, errorCode: 'NOT_FOUND' },
  })
  const again = await start('query_recorded_again')
  await untilEnd('query_recorded_again')

  await conveyor.org.set({ bulkStartDelayMs: 60_000 })
  const cancelled = await start('query_recorded_cancelled')
  await until(
    async () => (await queries.get('query_recorded_cancelled'))?.salesforceJobId != null,
    30_000,
  )
  await queries.askCancel('query_recorded_cancelled')
  await conveyor.starters.wakeBulkQuery('query_recorded_cancelled')
  await untilEnd('query_recorded_cancelled')
  const stopped = await start('query_recorded_stopped')
  await until(
    async () => (await queries.get('query_recorded_stopped'))?.salesforceJobId != null,
    30_000,
  )
  await conveyor.temporal.client.workflow.getHandle(stopped).cancel()
  await untilEnd('query_recorded_stopped')
  await conveyor.org.set({ bulkStartDelayMs: 0 })
  return [
    [blocked, 'blocked'],
    [again, 'begun-anew'],
    [cancelled, 'cancelled'],
    [stopped, 'cancelled-in-temporal'],
  ]
}
