import { setTimeout as sleep } from 'node:timers/promises'
import { packBulkQueryRequest } from '../../bulk/query-blobs.ts'
import { bulkQueryWorkflowId } from '../../contracts/workflow-ids.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { type BulkQuery, bulkQueryContext, createBulkQueryQueries } from '../../db/bulk-queries.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createIdempotencyKeyQueries } from '../../db/idempotency-keys.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import { createWorkflowStartQueries } from '../../db/workflow-starts.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { checkedIdempotencyKey, KEY_KEPT_HOURS } from '../http/idempotency-key.ts'
import type { PlannedQuery } from './plan-query.ts'

/** How long an answer waits for the workflow to be started. */
const START_WAIT_MS = 300
/** The sweeper leaves it alone for so long. */
const START_GRACE_SECONDS = 5
const ROUTE = 'POST /v1/queries'

export interface QueryWish {
  readonly connectionId: string
  readonly includeDeleted: boolean
  /** Not called where the same request was accepted before. */
  readonly plan: () => Promise<PlannedQuery>
  readonly requestHash: () => Promise<string>
}

/** Accepts a durable query: its row and the wish to start it, both or neither. Once per `Idempotency-Key`. */
export async function acceptQuery(
  deps: ApiDependencies,
  c: ApiContext,
  wish: QueryWish,
): Promise<{ readonly query: BulkQuery; readonly replayed: boolean }> {
  const key = checkedIdempotencyKey(c.req.header('idempotency-key') ?? null)
  const hash = key === null ? '' : await wish.requestHash()
  // Before all that may be different now from what it was for the first request.
  const before = key === null ? null : await completed(c, key, hash)
  if (before !== null) return { query: before, replayed: true }
  await requireRoom(deps, c)
  const planned = await wish.plan()
  const { workspaceId } = c.var
  const queryId = `query_${uuidV7()}`
  const request = deps.sealing.seal(
    bulkQueryContext(queryId, 'request'),
    packBulkQueryRequest({ soql: planned.soql, columns: planned.columns }),
  )
  const accepted = await c.var.database.transaction(async (transaction) => {
    if (key !== null) {
      const first = await reserve(transaction, c, key, hash, queryId)
      if (first !== null) return { query: first, replayed: true }
    }
    if (!(await createConnectionQueries(transaction).holdForJob(wish.connectionId))) {
      throw new ApiError('connection_not_found', 'The connection of this query was deleted.')
    }
    const queries = createBulkQueryQueries(transaction)
    await queries.insert({
      ...{ queryId, workspaceId, request, connectionId: wish.connectionId },
      objectType: planned.object,
      includeDeleted: wish.includeDeleted,
      createdBy: c.var.caller.keyId,
      requestId: c.var.requestId,
    })
    await createWorkflowStartQueries(transaction).insert(
      { workflowId: workflowIdOf(deps, queryId), workspaceId, subjectId: queryId },
      START_GRACE_SECONDS,
      'bulk-query',
    )
    await createAuditLogQueries(transaction).append(
      auditEntry(c, {
        action: 'query.created',
        subject: queryId,
        details: { object: planned.object, connection_id: wish.connectionId },
      }),
    )
    const made = await queries.get(queryId)
    if (made === null) throw new Error('A query that was just written is not there.')
    return { query: made, replayed: false }
  })
  if (!accepted.replayed) {
    // It is accepted already: a caller waits for Temporal only as long as it answers at once.
    const started = startNow(deps, c, accepted.query)
    await Promise.race([started, sleep(START_WAIT_MS, undefined, { ref: false })])
  }
  return accepted
}

async function requireRoom(deps: ApiDependencies, c: ApiContext): Promise<void> {
  const stored = await createBulkQueryQueries(c.var.database).storedBytes(c.var.workspaceId)
  if (stored >= deps.settings.queryQuotaBytes) {
    const message =
      'Results of queries fill the quota. Delete some with DELETE /v1/queries/{id}, or raise it.'
    throw new ApiError('insufficient_storage', message)
  }
  if ((await deps.freeDiskBytes()) < deps.settings.diskReserveBytes) {
    throw new ApiError('insufficient_storage', 'The disk is nearly full; no queries are taken.')
  }
}

/** Null where the key is ours from now on; it is taken and used in one transaction, so nobody sees it in between. */
async function reserve(
  transaction: CommonQueryMethods,
  c: ApiContext,
  key: string,
  hash: string,
  queryId: string,
): Promise<BulkQuery | null> {
  const keys = createIdempotencyKeyQueries(transaction)
  const name = { workspaceId: c.var.workspaceId, route: ROUTE, key }
  const held = await keys.reserve(name, queryId, KEY_KEPT_HOURS)
  if (held === null) {
    await keys.complete(name, queryId, hash)
    return null
  }
  return firstOf(transaction, held, hash)
}

/** The query that the same request made; null where the key is new. */
async function completed(c: ApiContext, key: string, hash: string): Promise<BulkQuery | null> {
  const name = { workspaceId: c.var.workspaceId, route: ROUTE, key }
  const held = await createIdempotencyKeyQueries(c.var.database).findCompleted(name)
  return held === null ? null : firstOf(c.var.database, held, hash)
}

async function firstOf(
  connection: CommonQueryMethods,
  held: { readonly requestHash: string | null; readonly jobId: string },
  hash: string,
): Promise<BulkQuery> {
  if (held.requestHash !== hash) {
    const message =
      'This Idempotency-Key was used for another request. Use a new key for a new query.'
    throw new ApiError('idempotency_key_reused', message)
  }
  const first = await createBulkQueryQueries(connection).get(held.jobId)
  if (first === null) throw new Error(`Query ${held.jobId} of an idempotency key does not exist.`)
  return first
}

async function startNow(deps: ApiDependencies, c: ApiContext, query: BulkQuery): Promise<void> {
  const { queryId } = query
  try {
    await deps.starters.startBulkQuery(query)
    await createWorkflowStartQueries(c.var.database).markStarted(workflowIdOf(deps, queryId))
  } catch (error) {
    deps.logger.warn({ err: error, queryId }, 'query accepted; the sweeper will start it')
  }
}

function workflowIdOf({ installationId }: ApiDependencies, queryId: string): string {
  return bulkQueryWorkflowId(installationId, queryId)
}
