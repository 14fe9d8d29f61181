import { type CommonQueryMethods, sql } from 'slonik'
import type { MetadataInput } from '../contracts/metadata.ts'
import { row } from './row-type.ts'

/** A row of `metadata_refreshes`: one a connection. */
export interface MetadataRefresh {
  readonly connectionId: string
  readonly holder: string | null
  /** Whether nobody renewed the lease in time. */
  readonly isFree: boolean
  readonly state: 'idle' | 'running' | 'completed' | 'stopped' | 'failed'
  readonly listed: boolean
  readonly reached: string | null
  readonly objectsTotal: number
  readonly objectsDone: number
  readonly calls: number
  readonly changes: number
  readonly error: string | null
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly baselineAt: Date | null
  /** As of when the list of all objects stands in the catalogue; null before the first. */
  readonly asOf: Date | null
  readonly listLastModified: string | null
  readonly listTriedAt: Date | null
  readonly listErrorCode: string | null
  readonly listError: string | null
  readonly scheduledSeconds: number | null
}

interface RefreshRow {
  connection_id: string
  holder: string | null
  is_free: boolean
  state: MetadataRefresh['state']
  listed: boolean
  reached: string | null
  objects_total: number
  objects_done: number
  calls: number
  changes: number
  error: string | null
  started_at: Date | null
  ended_at: Date | null
  baseline_at: Date | null
  as_of: Date | null
  list_last_modified: string | null
  list_tried_at: Date | null
  list_error_code: string | null
  list_error: string | null
  scheduled_seconds: number | null
}

const toRefresh = (r: RefreshRow): MetadataRefresh => ({
  connectionId: r.connection_id,
  holder: r.holder,
  isFree: r.is_free,
  state: r.state,
  listed: r.listed,
  reached: r.reached,
  objectsTotal: r.objects_total,
  objectsDone: r.objects_done,
  calls: r.calls,
  changes: r.changes,
  error: r.error,
  startedAt: r.started_at,
  endedAt: r.ended_at,
  baselineAt: r.baseline_at,
  asOf: r.as_of,
  listLastModified: r.list_last_modified,
  listTriedAt: r.list_tried_at,
  listErrorCode: r.list_error_code,
  listError: r.list_error,
  scheduledSeconds: r.scheduled_seconds,
})

const columns = sql.fragment`
  connection_id, holder, lease_until < now() as is_free, state, listed, reached, objects_total, objects_done,
  calls, changes, error, started_at, ended_at, baseline_at, as_of, list_last_modified, list_tried_at,
  list_error_code, list_error, scheduled_seconds`

/** A connection whose Schedule is not as it should be. */
export interface ScheduledConnection extends MetadataInput {
  /** False where it is to be removed. */
  readonly wanted: boolean
}

export type MetadataRefreshQueries = ReturnType<typeof createMetadataRefreshQueries>

export function createMetadataRefreshQueries(connection: CommonQueryMethods) {
  async function ensure({ connectionId, workspaceId }: MetadataInput): Promise<void> {
    await connection.query(sql.type(row<never>())`
      insert into metadata_refreshes (connection_id, workspace_id) values (${connectionId}, ${workspaceId})
      on conflict do nothing`)
  }

  return {
    async get(connectionId: string): Promise<MetadataRefresh | null> {
      const found = await connection.maybeOne(sql.type(row<RefreshRow>())`
        select ${columns} from metadata_refreshes where connection_id = ${connectionId}`)
      return found ? toRefresh(found) : null
    },

    /** Makes the row where there is none, and holds it until the transaction ends. */
    async lock(input: MetadataInput): Promise<MetadataRefresh> {
      await ensure(input)
      const found = await connection.one(sql.type(row<RefreshRow>())`
        select ${columns} from metadata_refreshes where connection_id = ${input.connectionId} for update`)
      return toRefresh(found)
    },

    /** Takes the lease and begins at the first object. */
    async begin(connectionId: string, holder: string, seconds: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update metadata_refreshes
        set holder = ${holder}, lease_until = now() + ${seconds} * interval '1 second', state = 'running',
          listed = false, reached = null, objects_total = 0, objects_done = 0, calls = 0, changes = 0,
          error = null, started_at = now(), ended_at = null
        where connection_id = ${connectionId}`)
    },

    /** Takes the lease, or prolongs it, and goes on from where the walk is. */
    async resume(connectionId: string, holder: string, seconds: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update metadata_refreshes
        set holder = ${holder}, lease_until = now() + ${seconds} * interval '1 second', state = 'running',
          error = null, ended_at = null
        where connection_id = ${connectionId}`)
    },

    async renew(connectionId: string, holder: string, seconds: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update metadata_refreshes set lease_until = now() + ${seconds} * interval '1 second'
        where connection_id = ${connectionId} and holder = ${holder} and state = 'running'`)
    },

    /** The list of all objects stands; how many of them the walk looks at. False where another run took over. */
    async setListed(
      connectionId: string,
      holder: string,
      step: { readonly objectsTotal: number; readonly calls: number; readonly changes: number },
    ): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update metadata_refreshes
        set listed = true, objects_total = ${step.objectsTotal}, calls = calls + ${step.calls},
          changes = changes + ${step.changes}
        where connection_id = ${connectionId} and holder = ${holder} and state = 'running'`)
      return rowCount > 0
    },

    /** As `setListed`, for objects that were looked at. */
    async advance(
      connectionId: string,
      holder: string,
      step: {
        readonly reached: string
        readonly objects: number
        readonly calls: number
        readonly changes: number
      },
    ): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update metadata_refreshes
        set reached = ${step.reached}, objects_done = objects_done + ${step.objects},
          calls = calls + ${step.calls}, changes = changes + ${step.changes}
        where connection_id = ${connectionId} and holder = ${holder} and state = 'running'`)
      return rowCount > 0
    },

    /** Ends the walk and frees the lease; does nothing where another run took over, or it has ended. */
    async end(
      connectionId: string,
      holder: string,
      state: 'completed' | 'stopped' | 'failed',
      error: string | null,
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update metadata_refreshes
        set state = ${state}, error = ${error}, ended_at = now(), lease_until = '-infinity',
          baseline_at = case when ${state} = 'completed' then coalesce(baseline_at, now()) else baseline_at end
        where connection_id = ${connectionId} and holder = ${holder} and state = 'running'`)
    },

    /** Whether differences are changes: there was a look that saw all. */
    async hasBaseline(connectionId: string): Promise<boolean> {
      return connection.exists(sql.type(row<{ one: number }>())`
        select 1 as one from metadata_refreshes
        where connection_id = ${connectionId} and baseline_at is not null`)
    },

    /** The list was read, or Salesforce says that it is as it was. */
    async setListRead(connectionId: string, lastModified: string | null): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update metadata_refreshes
        set as_of = now(), list_last_modified = ${lastModified}, list_tried_at = clock_timestamp(),
          list_error_code = null, list_error = null
        where connection_id = ${connectionId}`)
    },

    /** Why the list could not be read, for those who wait for it. */
    async setListFailed(input: MetadataInput, code: string, error: string): Promise<void> {
      await ensure(input)
      await connection.query(sql.type(row<never>())`
        update metadata_refreshes
        set list_tried_at = clock_timestamp(), list_error_code = ${code}, list_error = ${error}
        where connection_id = ${input.connectionId}`)
    },

    /**
     * Connections whose Schedule is missing, runs at another pace, or is one too many.
     * @param wants whether any is wanted at all, and whether the environment's connection has credentials
     */
    async listToSchedule(
      seconds: number,
      wants: { readonly enabled: boolean; readonly environment: boolean },
      limit: number,
    ): Promise<readonly ScheduledConnection[]> {
      return connection.any(sql.type(row<ScheduledConnection>())`
        select * from (
          select c.connection_id as "connectionId", c.workspace_id as "workspaceId", r.scheduled_seconds,
            ${wants.enabled} and c.deleted_at is null and c.revoked_at is null
              and case when c.flow = 'environment' then ${wants.environment}
                else c.authorized_at is not null end as wanted
          from connections c left join metadata_refreshes r using (connection_id)
        ) as each
        where case when wanted then scheduled_seconds is distinct from ${seconds}
          else scheduled_seconds is not null end
        limit ${limit}`)
    },

    /** The Schedule is there at this pace; null: there is none any more. */
    async setScheduled(input: MetadataInput, seconds: number | null): Promise<void> {
      await ensure(input)
      await connection.query(sql.type(row<never>())`
        update metadata_refreshes set scheduled_seconds = ${seconds}
        where connection_id = ${input.connectionId}`)
    },

    /** Nothing is known of Schedules any more, as where Temporal has lost its store: all are looked at again. */
    async forgetSchedules(): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update metadata_refreshes set scheduled_seconds = -1 where scheduled_seconds is not null`)
    },
  }
}
