import { openBulkQueryRequest, openErrorDetail } from '../../bulk/query-blobs.ts'
import { blockRemedy } from '../../contracts/block-remedies.ts'
import type { QueryBody } from '../../contracts/http/queries.ts'
import { bulkQueryWorkflowId } from '../../contracts/workflow-ids.ts'
import { type BulkQuery, bulkQueryContext } from '../../db/bulk-queries.ts'
import type { ApiDependencies } from '../dependencies.ts'

type Deps = Pick<ApiDependencies, 'settings' | 'installationId' | 'sealing'>

export function queryUrl(queryId: string): string {
  return `/v1/queries/${encodeURIComponent(queryId)}`
}

/** What was asked, with the columns that the results have. */
export function requestOfQuery({ sealing }: Deps, { queryId, request }: BulkQuery) {
  return openBulkQueryRequest(sealing.open(bulkQueryContext(queryId, 'request'), request))
}

/** A durable query as /v1 shows it. */
export function queryBody(query: BulkQuery, deps: Deps): QueryBody {
  const { queryId } = query
  const { soql, columns } = requestOfQuery(deps, query)
  const { temporalUi } = deps.settings
  const workflowId = encodeURIComponent(bulkQueryWorkflowId(deps.installationId, queryId))
  return {
    id: queryId,
    object: query.objectType,
    connection_id: query.connectionId,
    state: query.state,
    cancel_asked: query.wish === 'cancel',
    query: soql,
    columns: columns.map(({ name, type }) => ({ name, type })),
    include_deleted: query.includeDeleted,
    progress: {
      salesforce_job_id: query.salesforceJobId,
      records_processed: query.recordsProcessed,
      records: query.records,
      pages: query.pages,
      stored_bytes: query.storedBytes,
    },
    blocked:
      query.blockedReason === null
        ? null
        : {
            reason: query.blockedReason,
            detail: query.blockedDetail ?? '',
            remedy: blockRemedy(query.blockedReason),
            since: (query.blockedAt ?? query.createdAt).toISOString(),
          },
    error:
      query.errorCode === null ? null : { code: query.errorCode, detail: detailOf(query, deps) },
    created_at: query.createdAt.toISOString(),
    started_at: query.startedAt?.toISOString() ?? null,
    completed_at: query.completedAt?.toISOString() ?? null,
    purged_at: query.purgedAt?.toISOString() ?? null,
    links: {
      self: queryUrl(queryId),
      results: `${queryUrl(queryId)}/results`,
      temporal_ui:
        temporalUi === null
          ? null
          : `${temporalUi.url}/namespaces/${encodeURIComponent(temporalUi.namespace)}/workflows/${workflowId}`,
    },
  }
}

function detailOf({ queryId, errorDetail }: BulkQuery, { sealing }: Deps): string | null {
  if (errorDetail === null) return null
  return openErrorDetail(sealing.open(bulkQueryContext(queryId, 'error_detail'), errorDetail))
}
