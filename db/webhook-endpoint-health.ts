import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** How an endpoint fares, for people. */
export interface EndpointHealth {
  /** Within the window, the latest ones. */
  readonly attempts: number
  readonly successes: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly consecutiveFailures: number
  readonly lastSuccessAt: Date | null
  readonly lastFailureAt: Date | null
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly troubledAt: Date | null
  readonly nextProbeAt: Date | null
  readonly heldUntil: Date | null
  /** Counted up to the bound that was asked for. */
  readonly pending: number
}

interface EndpointHealthRow {
  attempts: number
  successes: number
  p50: number | null
  p95: number | null
  consecutive_failures: number | null
  last_success_at: Date | null
  last_failure_at: Date | null
  last_status: number | null
  last_error: string | null
  troubled_at: Date | null
  next_probe_at: Date | null
  held_until: Date | null
  pending: number
}

export interface HealthBounds {
  readonly windowSeconds: number
  readonly mostAttempts: number
  readonly mostPending: number
}

export function createEndpointHealthQueries(connection: CommonQueryMethods) {
  return {
    /** Reads no more than the bounds say, whatever the endpoint has behind it. */
    async get(
      { subscriptionId, shard }: { readonly subscriptionId: string; readonly shard: number },
      { windowSeconds, mostAttempts, mostPending }: HealthBounds,
    ): Promise<EndpointHealth> {
      const found = await connection.one(sql.type(row<EndpointHealthRow>())`
        select a.attempts, a.successes, a.p50, a.p95, e.consecutive_failures, e.last_success_at,
          e.last_failure_at, e.last_status, e.last_error, e.troubled_at, e.next_probe_at, e.held_until,
          q.pending
        from (
          select count(*) as attempts, count(*) filter (where error is null) as successes,
            percentile_disc(0.5) within group (order by duration_ms) as p50,
            percentile_disc(0.95) within group (order by duration_ms) as p95
          from (
            select error, duration_ms from webhook_delivery_attempts
            where subscription_id = ${subscriptionId}
              and started_at > now() - ${windowSeconds} * interval '1 second'
            order by started_at desc limit ${mostAttempts}) as latest
        ) as a
        cross join (
          select count(*) as pending from (
            select from webhook_delivery_queue
            where shard = ${shard} and subscription_id = ${subscriptionId} limit ${mostPending}) as counted
        ) as q
        left join webhook_endpoints e on e.subscription_id = ${subscriptionId}`)
      return {
        attempts: found.attempts,
        successes: found.successes,
        p50Ms: found.p50,
        p95Ms: found.p95,
        consecutiveFailures: found.consecutive_failures ?? 0,
        lastSuccessAt: found.last_success_at,
        lastFailureAt: found.last_failure_at,
        lastStatus: found.last_status,
        lastError: found.last_error,
        troubledAt: found.troubled_at,
        nextProbeAt: found.next_probe_at,
        heldUntil: found.held_until,
        pending: found.pending,
      }
    },
  }
}
