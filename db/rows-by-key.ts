import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/**
 * Until the transaction ends, Postgres reads no table from end to end where a key leads to its rows. What it knows of
 * tables that fill and empty within seconds is always old, and it takes a thousand rows for none (PostgreSQL manual,
 * "Planner Method Configuration"). Statements that find rows of such tables under row-level security are planned each
 * time, not named: a plan that is kept from the empty table walks all rows of the workspace, as good as any other there.
 * Nor does it wait for a lock longer than five seconds: whoever waits holds up others.
 */
export async function reachRowsByKey(transaction: CommonQueryMethods): Promise<void> {
  await transaction.query(sql.prepared('reach_rows_by_key', row<never>())`
    select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
      set_config('enable_mergejoin', 'off', true), set_config('random_page_cost', '1', true),
      set_config('lock_timeout', '5s', true)`)
}
