import { Hono } from 'hono'
import {
  type MetadataChangeBody,
  MetadataChangeQuerySchema,
  type MetadataRefreshBody,
} from '../../contracts/http/metadata.ts'
import { metadataScheduleId } from '../../contracts/workflow-ids.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createMetadataChangeQueries, type MetadataChange } from '../../db/metadata-changes.ts'
import { createMetadataRefreshQueries, type MetadataRefresh } from '../../db/metadata-refreshes.ts'
import { auditEntry } from '../audit.ts'
import { requireConnectionOfId } from '../connections/find-connection.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { decodePlace, encodePlace } from '../http/place-cursor.ts'
import { readQuery } from '../http/read-query.ts'

/** Looks at the metadata of a connection, and what was different from one to the next. */
export function createMetadataRefreshRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .get('/v1/connections/:connectionId/metadata', async (c) => {
      const { connectionId } = await requireConnectionOfId(c, c.req.param('connectionId'))
      const row = await createMetadataRefreshQueries(c.var.database).get(connectionId)
      return c.json(refreshBody(deps, connectionId, row))
    })
    .post('/v1/connections/:connectionId/metadata/refresh', async (c) => {
      const connection = await requireConnectionOfId(c, c.req.param('connectionId'))
      const { connectionId } = connection
      if (connection.status === 'revoked') {
        throw new ApiError('connection_revoked', 'The connection was revoked. Authorise it again.')
      }
      const { workspaceId, database } = c.var
      try {
        const isScheduled = await deps.starters.triggerMetadataRefresh(connectionId)
        // Not made yet, or switched off.
        if (!isScheduled) await deps.starters.startRefreshMetadata({ workspaceId, connectionId })
      } catch (error) {
        const message = 'Temporal does not answer, so nothing was begun. Try again soon.'
        throw new ApiError('service_unavailable', message, {
          headers: { 'retry-after': '5' },
          cause: error,
        })
      }
      await createAuditLogQueries(database).append(
        auditEntry(c, { action: 'connection.metadata_refresh_started', subject: connectionId }),
      )
      const row = await createMetadataRefreshQueries(database).get(connectionId)
      const body = refreshBody(deps, connectionId, row)
      c.header('Location', body.links.self)
      return c.json(body, 202)
    })
    .get('/v1/metadata-changes', async (c) => {
      const query = readQuery(c.req.raw, MetadataChangeQuerySchema)
      const found = await createMetadataChangeQueries(c.var.database).list(
        { connectionId: query.connection_id, objectType: query.object, kind: query.kind },
        query.limit + 1,
        decodePlace(query.cursor),
      )
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      return c.json({
        changes: page.map(changeBody),
        next_cursor: last === undefined ? null : encodePlace({ at: last.place, id: last.changeId }),
      })
    })
}

function changeBody(change: MetadataChange): MetadataChangeBody {
  const { changeId, connectionId, kind, objectType, field, before, after, createdAt } = change
  return {
    ...{ id: changeId, connection_id: connectionId, kind, object: objectType, field },
    ...{ before, after, noticed_at: createdAt.toISOString() },
  }
}

function refreshBody(
  { settings, installationId }: ApiDependencies,
  connectionId: string,
  row: MetadataRefresh | null,
): MetadataRefreshBody {
  const id = encodeURIComponent(connectionId)
  const { temporalUi } = settings
  const schedule = encodeURIComponent(metadataScheduleId(installationId, connectionId))
  const every = row?.scheduledSeconds ?? null
  // Nobody has renewed the lease: the worker died, or a person ended the run.
  const isBrokenOff = row?.state === 'running' && row.isFree
  return {
    connection_id: connectionId,
    state: isBrokenOff ? 'stopped' : (row?.state ?? 'idle'),
    progress: {
      objects: row?.objectsDone ?? 0,
      total: row?.objectsTotal ?? 0,
      calls: row?.calls ?? 0,
      changes: row?.changes ?? 0,
    },
    error: isBrokenOff ? 'The run broke off. The next one goes on there.' : (row?.error ?? null),
    started_at: row?.startedAt?.toISOString() ?? null,
    ended_at: row?.endedAt?.toISOString() ?? null,
    baseline_at: row?.baselineAt?.toISOString() ?? null,
    as_of: row?.asOf?.toISOString() ?? null,
    scheduled_every: every === null || every < 0 ? null : every,
    links: {
      self: `/v1/connections/${id}/metadata`,
      changes: `/v1/metadata-changes?connection_id=${id}`,
      temporal_ui:
        temporalUi === null || every === null
          ? null
          : `${temporalUi.url}/namespaces/${encodeURIComponent(temporalUi.namespace)}/schedules/${schedule}`,
    },
  }
}
