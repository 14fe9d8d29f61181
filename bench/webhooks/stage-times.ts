import { sql } from 'slonik'
import type { DatabasePool } from '../../db/pool.ts'
import { row } from '../../db/row-type.ts'

/** Milliseconds, from the rows that the service wrote itself. */
export interface StageTimes {
  /** From the start of the transaction that stored an event to that of the fan-out's end. */
  readonly fanOut: { readonly p50: number; readonly p95: number }
  /** From there to the start of each first attempt. */
  readonly claim: { readonly p50: number; readonly p95: number }
  /** Of the attempt itself. */
  readonly attempt: { readonly p50: number; readonly p95: number }
}

interface StageRow {
  fan_out: number[] | null
  claim: number[] | null
  attempt: number[] | null
}

/** Where the time of events went that came since. */
export async function stageTimes(pool: DatabasePool, since: Date): Promise<StageTimes> {
  const found = await pool.one(sql.type(row<StageRow>())`
    with event as (
      select event_id, created_at, processed_at from salesforce_webhook_events
      where created_at >= ${sql.timestamp(since)} and processed
    ), attempt as (
      select event_id, started_at, duration_ms from webhook_delivery_attempts
      where started_at >= ${sql.timestamp(since)} and number = 1)
    select
      (select percentile_cont(array[0.5, 0.95]) within group (
        order by extract(epoch from processed_at - created_at) * 1000) from event) as fan_out,
      (select percentile_cont(array[0.5, 0.95]) within group (
        order by extract(epoch from a.started_at - e.processed_at) * 1000)
        from attempt a join event e using (event_id)) as claim,
      (select percentile_cont(array[0.5, 0.95]) within group (order by duration_ms) from attempt) as attempt`)
  return {
    fanOut: pair(found.fan_out),
    claim: pair(found.claim),
    attempt: pair(found.attempt),
  }
}

function pair(values: readonly number[] | null) {
  return { p50: Number(values?.[0] ?? Number.NaN), p95: Number(values?.[1] ?? Number.NaN) }
}
