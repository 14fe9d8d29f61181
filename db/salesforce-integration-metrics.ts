import { type CommonQueryMethods, sql } from 'slonik'
import type { DayRange } from '../contracts/rollup.ts'
import { row } from './row-type.ts'

/** Sums of one day, or of all that is asked for. */
export interface IntegrationFigures {
  readonly apiCalls: number
  readonly webhooksReceived: number
  readonly bulkJobsCreated: number
  readonly recordsProcessed: number
  readonly callErrors: number
  readonly recordErrors: number
  readonly eventErrors: number
  readonly responseCount: number
  readonly responseMs: number
  readonly responseBuckets: readonly number[]
  readonly bytes: number
}

export interface DayFigures extends IntegrationFigures {
  /** `YYYY-MM-DD` */
  readonly day: string
}

export interface UserFigures extends IntegrationFigures {
  /** Null: what nobody is named for. */
  readonly userId: string | null
}

const sums = sql.fragment`
  coalesce(sum(api_calls), 0)::bigint as "apiCalls",
  coalesce(sum(webhooks_received), 0)::bigint as "webhooksReceived",
  coalesce(sum(bulk_jobs_created), 0)::bigint as "bulkJobsCreated",
  coalesce(sum(records_processed), 0)::bigint as "recordsProcessed",
  coalesce(sum(call_errors), 0)::bigint as "callErrors",
  coalesce(sum(record_errors), 0)::bigint as "recordErrors",
  coalesce(sum(event_errors), 0)::bigint as "eventErrors",
  coalesce(sum(response_count), 0)::bigint as "responseCount",
  coalesce(sum(response_ms), 0)::bigint as "responseMs",
  to_jsonb(sum_counts(response_buckets)) as "responseBuckets",
  coalesce(sum(bytes), 0)::bigint as bytes`

/** `salesforce_integration_metrics`, as one workspace. */
export function createIntegrationMetricQueries(connection: CommonQueryMethods) {
  return {
    /** Adds a day up anew, in the place of what was there. In a transaction. */
    async replaceDay(workspaceId: string, day: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from salesforce_integration_metrics
        where workspace_id = ${workspaceId} and metric_date = ${day}::date`)
      await connection.query(sql.type(row<never>())`
        with bounds as (
          select ${day}::date as day, ${day}::timestamp at time zone 'utc' as begins,
            (${day}::date + 1)::timestamp at time zone 'utc' as ends
        ), owners as (
          -- One that was removed has lost its user; the month's use still names him.
          select c.connection_id, coalesce(c.user_id, u.user_id) as user_id
          from connections c
          left join salesforce_token_usage u on u.connection_id = c.connection_id
            and u.date_yyyymm = to_char(${day}::date, 'YYYYMM')
        ), parts as (
          select o.connection_id, o.user_id, a.calls as api_calls, 0::bigint as webhooks, 0::bigint as jobs,
            0::bigint as records, a.errors as call_errors, 0::bigint as record_errors, 0::bigint as event_errors,
            a.response_count, a.response_ms, a.response_buckets, a.bytes
          from api_call_counters a join owners o using (connection_id), bounds
          where a.workspace_id = ${workspaceId} and a.day = bounds.day
          union all
          select r.connection_id, o.user_id, 0,
            case when r.metric_type = 'webhook_events_received' then r.metric_value::bigint else 0 end, 0, 0, 0, 0,
            case when r.metric_type = 'webhook_events_failed' then r.metric_value::bigint else 0 end, 0, 0, '{}', 0
          from salesforce_realtime_analytics r
          left join owners o on o.connection_id = r.connection_id, bounds
          where r.workspace_id = ${workspaceId}
            and r.metric_type in ('webhook_events_received', 'webhook_events_failed')
            and r.metric_date is null and r.created_at >= bounds.begins and r.created_at < bounds.ends
          union all
          select r.connection_id, o.user_id, 0,
            case when r.metric_type = 'webhook_events_received' then r.metric_value::bigint else 0 end, 0, 0, 0, 0,
            case when r.metric_type = 'webhook_events_failed' then r.metric_value::bigint else 0 end, 0, 0, '{}', 0
          from salesforce_realtime_analytics r
          left join owners o on o.connection_id = r.connection_id, bounds
          where r.workspace_id = ${workspaceId}
            and r.metric_type in ('webhook_events_received', 'webhook_events_failed')
            and r.metric_date = bounds.day
          union all
          select j.connection_id, coalesce(j.user_id, o.user_id), 0, 0, 1, 0, 0, 0, 0, 0, 0, '{}', 0
          from salesforce_bulk_jobs j join owners o using (connection_id), bounds
          where j.workspace_id = ${workspaceId} and j.state <> 'Staging'
            and j.created_at >= bounds.begins and j.created_at < bounds.ends
          union all
          select j.connection_id, coalesce(j.user_id, o.user_id), 0, 0, 0,
            l.successful_records + l.failed_records, 0, l.failed_records, 0, 0, 0, '{}', 0
          from bulk_loads l join salesforce_bulk_jobs j using (job_id) join owners o using (connection_id), bounds
          where l.workspace_id = ${workspaceId}
            and l.settled_at >= bounds.begins and l.settled_at < bounds.ends
        )
        insert into salesforce_integration_metrics (workspace_id, metric_date, connection_id, user_id, api_calls,
          webhooks_received, bulk_jobs_created, records_processed, call_errors, record_errors, event_errors,
          response_count, response_ms, response_buckets, bytes)
        select ${workspaceId}, ${day}::date, connection_id, user_id, sum(api_calls), sum(webhooks), sum(jobs),
          sum(records), sum(call_errors), sum(record_errors), sum(event_errors), sum(response_count),
          sum(response_ms), sum_counts(response_buckets), sum(bytes)
        from parts group by connection_id, user_id`)
    },

    /** Each day that has figures, in order. */
    async listDays({ from, until }: DayRange): Promise<readonly DayFigures[]> {
      return connection.any(sql.type(row<DayFigures>())`
        select to_char(metric_date, 'YYYY-MM-DD') as day, ${sums}
        from salesforce_integration_metrics
        where metric_date between ${from}::date and ${until}::date
        group by metric_date order by metric_date`)
    },

    /** Those who used it most, by calls to Salesforce, then jobs, then webhooks. */
    async listUsers({ from, until }: DayRange, limit: number): Promise<readonly UserFigures[]> {
      return connection.any(sql.type(row<UserFigures>())`
        select user_id as "userId", ${sums}
        from salesforce_integration_metrics
        where metric_date between ${from}::date and ${until}::date and user_id is not null
        group by user_id
        order by sum(api_calls) desc, sum(bulk_jobs_created) desc, sum(webhooks_received) desc, user_id
        limit ${limit}`)
    },

    /** What nobody is named for. */
    async ofNobody({ from, until }: DayRange): Promise<IntegrationFigures> {
      return connection.one(sql.type(row<IntegrationFigures>())`
        select ${sums} from salesforce_integration_metrics
        where metric_date between ${from}::date and ${until}::date and user_id is null`)
    },

    async total({ from, until }: DayRange): Promise<IntegrationFigures> {
      return connection.one(sql.type(row<IntegrationFigures>())`
        select ${sums} from salesforce_integration_metrics
        where metric_date between ${from}::date and ${until}::date`)
    },

    /** When the figures were last added up, and of which day the last are; null before the first time. */
    async lastAddedUp(): Promise<Date | null> {
      return connection.maybeOneFirst(sql.type(row<{ at: Date }>())`
        select created_at as at from salesforce_integration_metrics order by metric_date desc, created_at desc limit 1`)
    },
  }
}
