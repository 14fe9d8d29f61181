import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** A row of `webhook_endpoints`. */
export interface WebhookEndpoint {
  readonly subscriptionId: string
  readonly workspaceId: string
  readonly consecutiveFailures: number
  readonly slow: boolean
  readonly heldUntil: Date | null
  readonly troubledAt: Date | null
  readonly nextProbeAt: Date | null
  readonly failedProbes: number
  readonly firstFailureAt: Date | null
  readonly lastFailureAt: Date | null
  readonly lastSuccessAt: Date | null
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly toldAt: Date | null
}

interface EndpointRow {
  subscription_id: string
  workspace_id: string
  consecutive_failures: number
  slow: boolean
  held_until: Date | null
  troubled_at: Date | null
  next_probe_at: Date | null
  failed_probes: number
  first_failure_at: Date | null
  last_failure_at: Date | null
  last_success_at: Date | null
  last_status: number | null
  last_error: string | null
  told_at: Date | null
}

const columns = sql.fragment`
  subscription_id, workspace_id, consecutive_failures, slow, held_until, troubled_at, next_probe_at,
  failed_probes, first_failure_at, last_failure_at, last_success_at, last_status, last_error, told_at`

const endpointRow = row<EndpointRow>()

function toEndpoint(r: EndpointRow): WebhookEndpoint {
  return {
    subscriptionId: r.subscription_id,
    workspaceId: r.workspace_id,
    consecutiveFailures: r.consecutive_failures,
    slow: r.slow,
    heldUntil: r.held_until,
    troubledAt: r.troubled_at,
    nextProbeAt: r.next_probe_at,
    failedProbes: r.failed_probes,
    firstFailureAt: r.first_failure_at,
    lastFailureAt: r.last_failure_at,
    lastSuccessAt: r.last_success_at,
    lastStatus: r.last_status,
    lastError: r.last_error,
    toldAt: r.told_at,
  }
}

/** What some attempts at an endpoint tell of it, in their order. */
export interface EndpointNews {
  readonly subscriptionId: string
  readonly shard: number
  /** Whether any succeeded. */
  readonly succeeded: boolean
  /** Failures after the last success; answers that say "later" are none. */
  readonly failures: number
  readonly slow: boolean
  readonly status: number | null
  readonly error: string | null
  readonly heldUntil: Date | null
}

export function createWebhookEndpointQueries(connection: CommonQueryMethods) {
  return {
    async get(subscriptionId: string): Promise<WebhookEndpoint | null> {
      const found = await connection.maybeOne(sql.type(endpointRow)`
        select ${columns} from webhook_endpoints where subscription_id = ${subscriptionId}`)
      return found ? toEndpoint(found) : null
    },

    /** As `get`, and holds the row until the transaction ends. */
    async lock(subscriptionId: string): Promise<WebhookEndpoint | null> {
      const found = await connection.maybeOne(sql.type(endpointRow)`
        select ${columns} from webhook_endpoints where subscription_id = ${subscriptionId} for update`)
      return found ? toEndpoint(found) : null
    },

    /** Adds the news up, and returns how the endpoints that failed fare now. */
    async note(workspaceId: string, news: readonly EndpointNews[]): Promise<WebhookEndpoint[]> {
      const records = [...news]
        // In one order everywhere: two batches that meet would otherwise lock each other out.
        .sort((a, b) => (a.subscriptionId < b.subscriptionId ? -1 : 1))
        .map((n) => ({
          subscription_id: n.subscriptionId,
          shard: n.shard,
          succeeded: n.succeeded,
          failures: n.failures,
          slow: n.slow,
          status: n.status,
          error: n.error,
          held_until: n.heldUntil?.toISOString() ?? null,
        }))
      const found = await connection.any(sql.type(endpointRow)`
        with news as materialized (
          select * from jsonb_to_recordset(${sql.jsonb(records)}) as n (subscription_id text, shard smallint,
            succeeded boolean, failures int, slow boolean, status smallint, error text, held_until timestamptz)
        ), noted as (
          insert into webhook_endpoints as h (subscription_id, workspace_id, shard, consecutive_failures, slow,
            held_until, first_failure_at, last_failure_at, last_success_at, last_status, last_error)
          select n.subscription_id, ${workspaceId}, n.shard, n.failures, n.slow, n.held_until,
            case when n.failures > 0 then now() end, case when n.failures > 0 then now() end,
            case when n.succeeded then now() end, n.status, n.error
          from news n join salesforce_webhook_subscriptions s using (subscription_id)
          order by n.subscription_id
          on conflict (subscription_id) do update set
            consecutive_failures = case when excluded.last_success_at is null
              then h.consecutive_failures else 0 end + excluded.consecutive_failures,
            slow = excluded.slow,
            held_until = greatest(h.held_until, excluded.held_until),
            first_failure_at = case
              when excluded.last_success_at is not null then excluded.first_failure_at
              else coalesce(h.first_failure_at, excluded.first_failure_at) end,
            last_failure_at = coalesce(excluded.last_failure_at, h.last_failure_at),
            last_success_at = coalesce(excluded.last_success_at, h.last_success_at),
            last_status = excluded.last_status, last_error = excluded.last_error
          returning ${columns})
        select * from noted where consecutive_failures > 0`)
      return found.map(toEndpoint)
    },

    /** From now on a workflow tries it. False where it is so already. */
    async beginTrouble(subscriptionId: string, nextProbeAt: Date): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update webhook_endpoints
        set troubled_at = now(), next_probe_at = ${sql.timestamp(nextProbeAt)}, failed_probes = 0
        where subscription_id = ${subscriptionId} and troubled_at is null and consecutive_failures > 0`)
      return rowCount > 0
    },

    async setProbeFailed(subscriptionId: string, nextProbeAt: Date): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update webhook_endpoints
        set failed_probes = failed_probes + 1, next_probe_at = ${sql.timestamp(nextProbeAt)}
        where subscription_id = ${subscriptionId} and troubled_at is not null`)
    },

    /**
     * The pump sends to it again, and it is not known whether it works: what counts against it stays, so that failures
     * are soon trouble again, and the time after which it is disabled goes on.
     */
    async restFromTrouble(subscriptionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update webhook_endpoints
        set troubled_at = null, next_probe_at = null, failed_probes = 0, held_until = null
        where subscription_id = ${subscriptionId}`)
    },

    /** The pump sends to it again. */
    async endTrouble(subscriptionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update webhook_endpoints
        set troubled_at = null, next_probe_at = null, failed_probes = 0, held_until = null,
          consecutive_failures = 0, first_failure_at = null
        where subscription_id = ${subscriptionId}`)
    },

    /** True where nobody was told within the given seconds; then somebody is now. */
    async tell(subscriptionId: string, atMostEverySeconds: number): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update webhook_endpoints set told_at = now()
        where subscription_id = ${subscriptionId}
          and (told_at is null or told_at < now() - ${atMostEverySeconds} * interval '1 second')`)
      return rowCount > 0
    },

    /**
     * Endpoints in trouble that nobody has looked at for so long after the time. Not those to which nothing is sent: their
     * workflows would end at once, and be started again each time that somebody asks here.
     */
    async listOverdue(
      seconds: number,
      limit: number,
    ): Promise<{ readonly subscriptionId: string; readonly workspaceId: string }[]> {
      const found = await connection.any(
        sql.type(row<{ subscription_id: string; workspace_id: string }>())`
        select e.subscription_id, e.workspace_id from webhook_endpoints e
        join salesforce_webhook_subscriptions s using (subscription_id)
        where e.troubled_at is not null and e.next_probe_at < now() - ${seconds} * interval '1 second' and s.active
        order by e.next_probe_at limit ${limit}`,
      )
      return found.map((r) => ({
        subscriptionId: r.subscription_id,
        workspaceId: r.workspace_id,
      }))
    },
  }
}
