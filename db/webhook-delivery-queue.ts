import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'
import { reachRowsByKey } from './rows-by-key.ts'

/** A delivery that this process sends now. */
export interface ClaimedDelivery {
  readonly sequence: number
  readonly token: string
  readonly deliveryId: string
  /** As Postgres writes it: a Date would lose the microseconds that are part of the key. */
  readonly createdAtText: string
  readonly createdAt: Date
  readonly workspaceId: string
  readonly subscriptionId: string
  readonly eventId: string
  readonly eventCreatedAt: Date
  /** Attempts so far. */
  readonly attempts: number
  readonly step: number
  /** When the time of its retries began; null before its first attempt. */
  readonly ladderBeganAt: Date | null
  /** Changes whenever the subscription does. */
  readonly subscriptionVersion: string
}

interface ClaimedRow {
  sequence: number
  token: string
  delivery_id: string
  created_at_text: string
  created_at: Date
  workspace_id: string
  subscription_id: string
  event_id: string
  event_created_at: Date
  attempts: number
  step: number
  ladder_began_at: Date | null
  version: string
}

/** First attempts of its own and of others that a retry lets pass. */
const RETRY_PLACES = 8

export interface ClaimOptions {
  readonly shard: number
  /** Deliveries at most. */
  readonly limit: number
  /** Deliveries of one endpoint at most, unless named in `caps`. */
  readonly perEndpoint: number
  /** Endpoints that take fewer, or more; 0: none. */
  readonly caps: Readonly<Record<string, number>>
  /** How many each endpoint has under way, where it has any: those with fewer come first. */
  readonly busy: Readonly<Record<string, number>>
  /** Whether the endpoints that answer slowly are meant, or the others. */
  readonly slow: boolean
  /** Endpoints that turned out to be slow just now. */
  readonly slowNow: readonly string[]
  /** A claimed delivery is nobody else's for so long, in seconds: longer than an attempt takes. */
  readonly holdSeconds: number
}

/** The index of the queue begins with the shard. */
export interface QueueOfEndpoint {
  readonly subscriptionId: string
  readonly shard: number
}

const claimedColumns = sql.fragment`
  q.sequence, q.attempt_token::text as token, q.delivery_id, q.delivery_created_at::text as created_at_text,
  q.delivery_created_at as created_at, q.workspace_id, q.subscription_id, q.event_id, q.event_created_at,
  q.attempts, q.step`

function toClaimed(r: ClaimedRow): ClaimedDelivery {
  return {
    sequence: r.sequence,
    token: r.token,
    deliveryId: r.delivery_id,
    createdAtText: r.created_at_text,
    createdAt: r.created_at,
    workspaceId: r.workspace_id,
    subscriptionId: r.subscription_id,
    eventId: r.event_id,
    eventCreatedAt: r.event_created_at,
    attempts: r.attempts,
    step: r.step,
    ladderBeganAt: r.ladder_began_at,
    subscriptionVersion: r.version,
  }
}

export function createWebhookDeliveryQueueQueries(connection: CommonQueryMethods) {
  return {
    /**
     * Claims what is due, so much of each endpoint, first attempts before retries. Endpoints are walked along an index,
     * and each gives its first few: neither a million deliveries of one nor thousands of endpoints make it slow.
     */
    async claim(options: ClaimOptions): Promise<ClaimedDelivery[]> {
      const { shard } = options
      const found = await connection.transaction(async (transaction) => {
        await reachRowsByKey(transaction)
        // A claim that a crash of the database takes back is made again; nobody waits for it to reach the disk.
        await transaction.query(sql.prepared('claim_without_flush', row<never>())`
          select set_config('synchronous_commit', 'off', true)`)
        return transaction.any(sql.prepared('claim_deliveries', row<ClaimedRow>())`
        with recursive endpoint as (
          (select subscription_id from webhook_delivery_queue where shard = ${shard}
            order by subscription_id limit 1)
          union all
          select (select q.subscription_id from webhook_delivery_queue q
            where q.shard = ${shard} and q.subscription_id > e.subscription_id
            order by q.subscription_id limit 1)
          from endpoint e where e.subscription_id is not null
        ), ready as (
          select e.subscription_id, s.updated_at::text as version, s.resumed_at,
            coalesce((${sql.jsonb(options.busy)} ->> e.subscription_id)::int, 0) as busy,
            coalesce((${sql.jsonb(options.caps)} ->> e.subscription_id)::int, ${options.perEndpoint}) as cap
          from endpoint e
          cross join lateral (select active, updated_at, resumed_at from salesforce_webhook_subscriptions
            where subscription_id = e.subscription_id limit 1) s
          left join lateral (select troubled_at, held_until, slow from webhook_endpoints
            where subscription_id = e.subscription_id limit 1) h on true
          where s.active and h.troubled_at is null and (h.held_until is null or h.held_until <= now())
            and (coalesce(h.slow, false) or e.subscription_id = any(${sql.array([...options.slowNow], 'text')}))
              = ${options.slow}
        ), due as (
          select d.sequence, r.version, r.resumed_at from ready r
          cross join lateral (select *, row_number() over (order by again, due_at, sequence) as place from (
            -- Not "= false": Postgres makes "attempts <= 0" of it, which no index has, and reads and sorts the backlog.
            (select q.sequence, false as again, q.due_at from webhook_delivery_queue q
              where q.shard = ${shard} and q.subscription_id = r.subscription_id and (q.attempts > 0) is false
                and q.due_at <= now()
              order by q.due_at, q.sequence limit r.cap)
            union all
            (select q.sequence, true, q.due_at from webhook_delivery_queue q
              where q.shard = ${shard} and q.subscription_id = r.subscription_id and (q.attempts > 0) = true
                and q.due_at <= now()
              order by q.due_at, q.sequence limit r.cap)
            order by again, due_at, sequence limit r.cap) first) d
          -- Endpoints by turns, not by age: those with a long backlog would keep all the others waiting. A retry
          -- comes behind some first attempts, but not behind all that ever come.
          order by d.place + r.busy + case when d.again then ${RETRY_PLACES} else 0 end, d.due_at
          limit ${options.limit}
        ), free as (
          select q.sequence, d.version, d.resumed_at from due d cross join lateral (
            select sequence from webhook_delivery_queue
            where sequence = d.sequence and due_at <= now() limit 1 for update skip locked) q
        )
        update webhook_delivery_queue q
        set due_at = now() + ${options.holdSeconds} * interval '1 second', attempt_token = gen_random_uuid()
        from free f where q.sequence = any(array(select sequence from free)) and q.sequence = f.sequence
        returning ${claimedColumns}, f.version, greatest(q.first_attempt_at, case when q.attempts > 0
          then f.resumed_at end) as ladder_began_at`)
      })
      return found.map(toClaimed)
    },

    /** Gives claims back that nobody made use of. One that has run out meanwhile stays as it is. */
    async release(
      claimed: readonly { readonly sequence: number; readonly token: string }[],
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update webhook_delivery_queue q set due_at = now(), attempt_token = null
        from unnest(${sql.array(
          claimed.map(({ sequence }) => sequence),
          'int8',
        )}, ${sql.array(
          claimed.map(({ token }) => token),
          'uuid',
        )}) c (sequence, token)
        where q.sequence = c.sequence and q.attempt_token = c.token`)
    },

    /**
     * What an endpoint in trouble is tried with, due or not: one that was never sent, as one that it refuses every time
     * would say nothing of the others; otherwise the one that is due next. Null where none waits, or others have them.
     */
    async claimForProbe(
      { subscriptionId, shard }: QueueOfEndpoint,
      holdSeconds: number,
    ): Promise<ClaimedDelivery | null> {
      const found = await connection.maybeOne(sql.type(row<ClaimedRow>())`
        with wanted as (
          select q.sequence, s.updated_at::text as version, s.resumed_at from webhook_delivery_queue q
          join salesforce_webhook_subscriptions s using (subscription_id)
          where q.shard = ${shard} and q.subscription_id = ${subscriptionId}
            -- Not one that is on its way, nor one behind another of its record.
            and (q.attempt_token is null or q.due_at <= now()) and q.due_at < 'infinity'
          order by (q.attempts > 0), q.due_at, q.sequence limit 1 for update of q skip locked)
        update webhook_delivery_queue q
        set due_at = now() + ${holdSeconds} * interval '1 second', attempt_token = gen_random_uuid()
        from wanted w where q.sequence = w.sequence
        returning ${claimedColumns}, w.version, greatest(q.first_attempt_at, case when q.attempts > 0
          then w.resumed_at end) as ladder_began_at`)
      return found ? toClaimed(found) : null
    },

    /** When the next delivery of a shard is due that nothing holds; null where none waits. */
    async nextDueAt(shard: number): Promise<Date | null> {
      return connection.oneFirst(sql.type(row<{ at: Date | null }>())`
        with recursive endpoint as (
          (select subscription_id from webhook_delivery_queue where shard = ${shard}
            order by subscription_id limit 1)
          union all
          select (select q.subscription_id from webhook_delivery_queue q
            where q.shard = ${shard} and q.subscription_id > e.subscription_id
            order by q.subscription_id limit 1)
          from endpoint e where e.subscription_id is not null)
        select min(greatest(d.due_at, h.held_until)) as at from endpoint e
        join salesforce_webhook_subscriptions s on s.subscription_id = e.subscription_id
        left join webhook_endpoints h on h.subscription_id = e.subscription_id
        cross join lateral (
          (select q.due_at from webhook_delivery_queue q
            where q.shard = ${shard} and q.subscription_id = e.subscription_id and (q.attempts > 0) is false
            order by q.due_at limit 1)
          union all
          (select q.due_at from webhook_delivery_queue q
            where q.shard = ${shard} and q.subscription_id = e.subscription_id and (q.attempts > 0) = true
            order by q.due_at limit 1)) d
        where s.active and h.troubled_at is null and d.due_at < 'infinity'`)
    },

    /** Shards with a delivery that should have left so many seconds ago. */
    async listOverdueShards(shards: number, seconds: number): Promise<readonly number[]> {
      return connection.anyFirst(sql.type(row<{ shard: number }>())`
        with recursive endpoint as (
          (select shard, subscription_id from webhook_delivery_queue order by shard, subscription_id limit 1)
          union all
          select n.* from endpoint e cross join lateral (
            select q.shard, q.subscription_id from webhook_delivery_queue q
            where (q.shard, q.subscription_id) > (e.shard, e.subscription_id)
            order by q.shard, q.subscription_id limit 1) n)
        select distinct e.shard from endpoint e
        join salesforce_webhook_subscriptions s on s.subscription_id = e.subscription_id
        left join webhook_endpoints h on h.subscription_id = e.subscription_id
        where e.shard < ${shards} and s.active and h.troubled_at is null
          and (h.held_until is null or h.held_until < now())
          and (exists (select from webhook_delivery_queue q
              where q.shard = e.shard and q.subscription_id = e.subscription_id and (q.attempts > 0) is false
                and q.due_at < now() - ${seconds} * interval '1 second')
            or exists (select from webhook_delivery_queue q
              where q.shard = e.shard and q.subscription_id = e.subscription_id and (q.attempts > 0) = true
                and q.due_at < now() - ${seconds} * interval '1 second'))`)
    },

    /** Deliveries of an endpoint that wait, counted up to `most`. */
    async countOf({ subscriptionId, shard }: QueueOfEndpoint, most: number): Promise<number> {
      return connection.oneFirst(sql.type(row<{ waiting: number }>())`
        select count(*) as waiting from (
          select from webhook_delivery_queue
          where shard = ${shard} and subscription_id = ${subscriptionId} limit ${most}) q`)
    },
  }
}
