import { type CommonQueryMethods, sql } from 'slonik'
import { type ApiUsage, createConnectionQueries } from './connections.ts'
import { createQueueAgeQueries, type QueueAges } from './queue-ages.ts'
import { row } from './row-type.ts'

/** How all workspaces together are. */
export interface StateOfInstallation {
  readonly queueAges: QueueAges
  /** Jobs that have not ended, by state. */
  readonly openJobs: Readonly<Record<string, number>>
  readonly apiUsages: readonly ApiUsage[]
  readonly troubledEndpoints: number
  readonly blockedConnections: number
  readonly activeUsers: number
  readonly dirtyBuckets: number
  readonly mirrorLagSeconds: number | null
}

const OPEN_STATES = ['Staging', 'Queued', 'InProgress', 'Paused', 'Blocked'] as const

/** As the system. Each query has an index of its own: this is asked again and again. */
export async function stateOfInstallation(
  connection: CommonQueryMethods,
): Promise<StateOfInstallation> {
  const queues = createQueueAgeQueries(connection)
  const jobs = await connection.any(sql.type(row<{ state: string; n: number }>())`
    select state, count(*) as n from salesforce_bulk_jobs
    where state in ('Staging', 'Queued', 'InProgress', 'Paused', 'Blocked') group by state`)
  const counts = await connection.one(
    sql.type(
      row<{
        troubledEndpoints: number
        blockedConnections: number
        activeUsers: number
        dirtyBuckets: number
      }>(),
    )`
    select
      (select count(*) from webhook_endpoints where troubled_at is not null) as "troubledEndpoints",
      (select count(*) from connections where deleted_at is null
        and (blocked_reason is not null or revoked_at is not null)) as "blockedConnections",
      (select count(distinct (workspace_id, user_id)) from salesforce_integration_metrics
        where metric_date = (now() at time zone 'utc')::date and user_id is not null) as "activeUsers",
      (select count(*) from rollup_dirty_buckets) as "dirtyBuckets"`,
  )
  return {
    queueAges: await queues.ages(),
    openJobs: Object.fromEntries(
      OPEN_STATES.map((state) => [state, jobs.find((each) => each.state === state)?.n ?? 0]),
    ),
    apiUsages: await createConnectionQueries(connection).listApiUsage(),
    ...counts,
    mirrorLagSeconds: await queues.mirrorLag(),
  }
}
