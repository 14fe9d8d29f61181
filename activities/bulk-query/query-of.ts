import { type BulkQueryRequest, openBulkQueryRequest } from '../../bulk/query-blobs.ts'
import { type BulkQueryProgress, hasBulkQueryEnded } from '../../contracts/bulk-query.ts'
import { type BulkQuery, bulkQueryContext, createBulkQueryQueries } from '../../db/bulk-queries.ts'
import type { SalesforceClient } from '../../salesforce/client.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { blocked, internal } from '../failures.ts'

export async function requireQuery(
  { database }: Pick<ActivityDependencies, 'database'>,
  queryId: string,
): Promise<BulkQuery> {
  const query = await createBulkQueryQueries(database).get(queryId)
  if (query === null) throw internal(`The query ${queryId} does not exist.`)
  return query
}

export function progressOf(query: BulkQuery): BulkQueryProgress {
  const { state, wish, upstreamState, salesforceJobId, pages, records } = query
  return { state, wish, upstream: upstreamState ?? 'none', salesforceJobId, pages, records }
}

/** What to tell of a query that another attempt, or a person, has brought to its end. */
export async function progressNow(
  deps: Pick<ActivityDependencies, 'database'>,
  queryId: string,
): Promise<BulkQueryProgress> {
  return progressOf(await requireQuery(deps, queryId))
}

export const isOpen = (query: BulkQuery): boolean => !hasBulkQueryEnded(query.state)

export function requestOf(
  { sealing }: Pick<ActivityDependencies, 'sealing'>,
  { queryId, request }: BulkQuery,
): BulkQueryRequest {
  return openBulkQueryRequest(sealing.open(bulkQueryContext(queryId, 'request'), request))
}

/**
 * The client of the organization that the query began with: another one's "not found" would be taken for the truth, and
 * its rows for the rest.
 * @throws `Blocked` with `organization_changed`.
 */
export async function clientOfQuery(
  deps: Pick<ActivityDependencies, 'database' | 'connections'>,
  { queryId, connectionId }: BulkQuery,
  signal: AbortSignal,
): Promise<SalesforceClient> {
  const client = await deps.connections.clientFor(connectionId)
  const organizationId = await client.organizationId(signal)
  const pinned = await createBulkQueryQueries(deps.database).pinOrganization(
    queryId,
    organizationId,
  )
  if (pinned === organizationId) return client
  throw blocked(
    'organization_changed',
    `The query began with organization ${pinned}; the connection now points to ${organizationId}.`,
  )
}
