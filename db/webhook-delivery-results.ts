import { type CommonQueryMethods, sql } from 'slonik'
import type { AttemptCause } from '../contracts/delivery.ts'
import { withinDaysOf } from './days-of.ts'
import { row } from './row-type.ts'
import type { QueueOfEndpoint } from './webhook-delivery-queue.ts'

/** What became of an attempt, and what of its delivery. */
export interface AttemptResult {
  readonly attemptId: string
  readonly sequence: number
  readonly token: string
  readonly deliveryId: string
  readonly deliveryCreatedAtText: string
  /** The same, to the millisecond. */
  readonly deliveryCreatedAt: Date
  readonly workspaceId: string
  readonly subscriptionId: string
  readonly eventId: string
  /** From 1. */
  readonly number: number
  readonly cause: AttemptCause
  readonly url: string
  readonly requestBytes: number
  readonly startedAt: Date
  readonly durationMs: number
  readonly status: number | null
  /** Null for a success. */
  readonly error: string | null
  readonly errorMessage: string | null
  readonly responseBody: string | null
  readonly responseTruncated: boolean
  /** Whether it is delivered, goes again, or has failed for good. */
  readonly outcome: 'delivered' | 'again' | 'failed'
  readonly nextAttemptAt: Date | null
  readonly nextStep: number
}

/** Everything that an attempt leaves behind, written at once for many. */
export function createWebhookDeliveryResultQueries(connection: CommonQueryMethods) {
  return {
    /**
     * The attempts are recorded whatever happened since: they took place. The deliveries change only where the claim is
     * still this one's. Tells how many of the results counted.
     */
    async settle(results: readonly AttemptResult[]): Promise<number> {
      if (results.length === 0) return 0
      const records = results.map((r) => ({
        attempt_id: r.attemptId,
        sequence: r.sequence,
        token: r.token,
        delivery_id: r.deliveryId,
        delivery_created_at: r.deliveryCreatedAtText,
        workspace_id: r.workspaceId,
        subscription_id: r.subscriptionId,
        event_id: r.eventId,
        number: r.number,
        cause: r.cause,
        url: r.url,
        request_bytes: r.requestBytes,
        started_at: r.startedAt.toISOString(),
        duration_ms: r.durationMs,
        status: r.status,
        error: r.error,
        error_message: r.errorMessage,
        response_body: r.responseBody,
        response_truncated: r.responseTruncated,
        outcome: r.outcome,
        next_attempt_at: r.nextAttemptAt?.toISOString() ?? null,
        next_step: r.nextStep,
      }))
      return connection.oneFirst(sql.type(row<{ counted: number }>())`
        with result as materialized (
          select * from jsonb_to_recordset(${sql.jsonb(records)}) as r (
            attempt_id text, sequence bigint, token uuid, delivery_id text, delivery_created_at timestamptz,
            workspace_id text, subscription_id text, event_id text, number smallint, cause text, url text,
            request_bytes int, started_at timestamptz, duration_ms int, status smallint, error text,
            error_message text, response_body text, response_truncated boolean, outcome text,
            next_attempt_at timestamptz, next_step smallint)
        ), attempt as (
          insert into webhook_delivery_attempts (attempt_id, started_at, workspace_id, subscription_id,
            delivery_id, event_id, number, cause, url, request_bytes, duration_ms, status, error,
            error_message, response_body, response_truncated, next_attempt_at)
          select attempt_id, started_at, workspace_id, subscription_id, delivery_id, event_id, number, cause,
            url, request_bytes, duration_ms, status, error, error_message, response_body,
            response_truncated, next_attempt_at
          from result
        ), gone as (
          delete from webhook_delivery_queue q using result r
          where q.sequence = r.sequence and q.attempt_token = r.token
            and r.outcome <> 'again'
          returning r.*, q.ordered_by
        ), forward as (
          -- The next of the same record may leave now.
          update webhook_delivery_queue q set due_at = now()
          where q.sequence = any(array(
            select (select n.sequence from webhook_delivery_queue n
              where n.subscription_id = g.subscription_id and n.ordered_by = g.ordered_by
                and n.sequence > g.sequence order by n.sequence limit 1)
            from gone g where g.ordered_by is not null))
            and q.due_at = 'infinity'
        ), later as (
          update webhook_delivery_queue q
          set attempts = r.number, step = r.next_step, due_at = r.next_attempt_at, attempt_token = null,
            first_attempt_at = coalesce(q.first_attempt_at, r.started_at)
          from result r
          where q.sequence = r.sequence and q.attempt_token = r.token
            and r.outcome = 'again'
          returning r.*, q.ordered_by
        ), counted as (
          select * from gone union all select * from later
        ), delivery as (
          update webhook_deliveries d
          set attempts = r.number, last_attempt_at = r.started_at, last_status = r.status, last_error = r.error,
            state = case r.outcome when 'delivered' then 'delivered' when 'failed' then 'failed'
              else d.state end,
            ended_at = case when r.outcome <> 'again' then now() end
          from counted r
          where d.delivery_id = r.delivery_id
            and d.created_at = r.delivery_created_at
            and ${withinDaysOf(
              ['d', 'created_at'],
              results.map(({ deliveryCreatedAt }) => deliveryCreatedAt),
            )}
        )
        select count(*) as counted from counted`)
    },

    /**
     * Ends waiting deliveries of an endpoint without another attempt, the oldest first. What was behind one of them is
     * brought forward in the same transaction: nobody would do so later. Tells how many.
     */
    async endWaiting(
      { subscriptionId, shard }: QueueOfEndpoint,
      options: {
        readonly error: string
        /** Nothing, if the subscription has been resumed meanwhile. */
        readonly onlyIfEnded: boolean
        /** Only those older than this; null for all. */
        readonly olderThanSeconds: number | null
        readonly limit: number
      },
    ): Promise<number> {
      const { error, onlyIfEnded, olderThanSeconds, limit } = options
      return connection.transaction(async (transaction) => {
        if (onlyIfEnded && !(await holdEnded(transaction, subscriptionId))) return 0
        await lockOrdered(transaction, [subscriptionId])
        const ended = await transaction.oneFirst(sql.type(row<{ ended: number }>())`
          -- Of its own: as a subquery it may be run once for each row, and skips what it took before.
          with oldest as materialized (
            select sequence from webhook_delivery_queue
            where shard = ${shard} and subscription_id = ${subscriptionId}
              and (attempt_token is null or due_at <= now())
              and (${olderThanSeconds}::float8 is null
                or delivery_created_at < now() - ${olderThanSeconds}::float8 * interval '1 second')
            order by sequence limit ${limit} for update skip locked
          ), gone as (
            delete from webhook_delivery_queue q using oldest o where q.sequence = o.sequence
            returning q.delivery_id, q.delivery_created_at
          ), delivery as (
            update webhook_deliveries d set state = 'failed', last_error = ${error}, ended_at = now()
            from gone g where d.delivery_id = g.delivery_id and d.created_at = g.delivery_created_at
          )
          select count(*) as ended from gone`)
        if (ended > 0) await releaseOrdered(transaction, subscriptionId)
        return ended
      })
    },

    /** Brings forward what has nothing of its record before it any more. */
    async releaseOrdered(subscriptionId: string): Promise<void> {
      await connection.transaction(async (transaction) => {
        // A fan-out may be about to put one behind a delivery that was just ended.
        await lockOrdered(transaction, [subscriptionId])
        await releaseOrdered(transaction, subscriptionId)
      })
    },

    /** One settlement at a time of each of these subscriptions that keep records in order; see the fan-out. */
    lockOrdered: (subscriptionIds: readonly string[]) => lockOrdered(connection, subscriptionIds),
  }
}

async function lockOrdered(
  connection: CommonQueryMethods,
  subscriptionIds: readonly string[],
): Promise<void> {
  await connection.query(sql.type(row<never>())`
    select pg_advisory_xact_lock(hashtextextended(subscription_id, 1)) from (
      select subscription_id from salesforce_webhook_subscriptions
      where subscription_id = any(${sql.array([...subscriptionIds], 'text')}) and ordering = 'record'
      order by 1) ordered`)
}

/** Whether it is deleted or disabled; it stays so until the transaction ends. */
async function holdEnded(
  transaction: CommonQueryMethods,
  subscriptionId: string,
): Promise<boolean> {
  const found = await transaction.maybeOneFirst(sql.type(row<{ ended: boolean }>())`
    select deleted_at is not null or disabled_at is not null as ended
    from salesforce_webhook_subscriptions where subscription_id = ${subscriptionId} for share`)
  return found === true
}

async function releaseOrdered(
  connection: CommonQueryMethods,
  subscriptionId: string,
): Promise<void> {
  await connection.query(sql.type(row<never>())`
    update webhook_delivery_queue q set due_at = now()
    where q.subscription_id = ${subscriptionId} and q.ordered_by is not null and q.due_at = 'infinity'
      and not exists (select from webhook_delivery_queue b
        where b.subscription_id = q.subscription_id and b.ordered_by = q.ordered_by
          and b.sequence < q.sequence)`)
}
