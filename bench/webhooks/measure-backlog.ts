import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'slonik'
import { PUMP_SHARDS } from '../../contracts/pump.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { openDatabase } from '../../db/database.ts'
import { migrate } from '../../db/migrate.ts'
import { createPool, type DatabasePool } from '../../db/pool.ts'
import { row } from '../../db/row-type.ts'
import type { ClaimOptions } from '../../db/webhook-delivery-queue.ts'
import { freePort } from '../../dev/stack/free-port.ts'
import { startPostgres } from '../../dev/stack/postgres.ts'
import { watchOthers } from '../machine-load.ts'
import { explainClaim } from './explain-claim.ts'
import { type Spread, spreadOf } from './spread.ts'

/** As the deliverer claims: of all endpoints so many, of one its concurrency, of one it does not know yet two. */
const CLAIM_LIMIT = 100
const CONCURRENCY = 10
const FIRST_AT_ONCE = 2
const HOLD_SECONDS = 31
const WARM_UP_CLAIMS = 10
const SHARD = 0
const SIGNALS = ['SIGINT', 'SIGTERM'] as const
/** Shells report a program that ended by Ctrl-C so. */
const EXIT_INTERRUPTED = 130

export const BACKLOG_SHAPES = [
  { name: 'one endpoint', endpoints: 1 },
  { name: '5,000 endpoints', endpoints: 5_000 },
] as const

export interface BacklogResult {
  readonly shape: string
  readonly pending: number
  /** Milliseconds of a claim. */
  readonly claim: Spread
  /** Milliseconds of a claim of the slow lane, which finds nothing. */
  readonly slowClaim: Spread
  readonly claimed: number
  readonly plan: string
  readonly othersShare: number | null
}

/** How long the next deliveries take to be found behind more and more that wait. */
export async function measureBacklog(
  options: { readonly pending: readonly number[]; readonly claims: number },
  report: (line: string) => void,
): Promise<readonly BacklogResult[]> {
  const directory = await mkdtemp(join(tmpdir(), 'conveyor-bench-'))
  // As root, Postgres runs as another user that must get through.
  if (process.getuid?.() === 0) await chmod(directory, 0o755)
  const postgres = await startPostgres({
    directory: join(directory, 'postgres'),
    port: await freePort(),
  })
  // Ended early, it must not leave a server and a gigabyte behind.
  const stop = async () => {
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
  const onSignal = () => {
    void stop().finally(() => process.exit(EXIT_INTERRUPTED))
  }
  for (const signal of SIGNALS) process.once(signal, onSignal)
  try {
    await migrate(postgres.url)
    const results: BacklogResult[] = []
    for (const { name, endpoints } of BACKLOG_SHAPES) {
      const pool = await createPool({ databaseUrl: postgres.url, size: 2, onError: () => {} })
      const database = await openDatabase({ url: postgres.url, poolSize: 2, onError: () => {} })
      try {
        await addEndpoints(pool, endpoints)
        let held = 0
        for (const pending of options.pending) {
          await addPending(pool, pending - held, endpoints)
          const claim: ClaimOptions = {
            ...{
              shard: SHARD,
              limit: CLAIM_LIMIT,
              perEndpoint: FIRST_AT_ONCE,
              busy: {},
              slowNow: [],
            },
            ...{ caps: endpoints === 1 ? { bench_1: CONCURRENCY } : {} },
            ...{ slow: false, holdSeconds: HOLD_SECONDS },
          }
          const watch = watchOthers()
          const measured = await measureClaims(database, pool, claim, options.claims)
          held = pending
          const result: BacklogResult = {
            ...{ shape: name, pending, claim: measured.claim, slowClaim: measured.slowClaim },
            claimed: measured.claimed,
            plan: await explainClaim(postgres.url, claim),
            othersShare: watch(),
          }
          results.push(result)
          report(
            `${name}, ${pending} pending: claim p50 ${result.claim.p50.toFixed(1)} ms, p95 ${result.claim.p95.toFixed(1)} ms`,
          )
        }
      } finally {
        await database.end()
        await pool.query(sql.type(row<never>())`truncate webhook_delivery_queue`)
        await pool.query(sql.type(row<never>())`delete from salesforce_webhook_subscriptions`)
        await pool.end()
      }
    }
    return results
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal)
    await stop()
  }
}

/**
 * Claims, takes what was claimed out as a successful attempt does, and puts as much in: what that leaves behind is in
 * the next one's way.
 */
async function measureClaims(
  database: Awaited<ReturnType<typeof openDatabase>>,
  pool: DatabasePool,
  options: ClaimOptions,
  times: number,
) {
  const fast: number[] = []
  const slow: number[] = []
  let claimed = 0
  for (let n = 0; n < times + WARM_UP_CLAIMS; n += 1) {
    const began = performance.now()
    const found = await database.system.deliveries.claim(options)
    const between = performance.now()
    await database.system.deliveries.claim({ ...options, slow: true, perEndpoint: 1 })
    const ended = performance.now()
    if (n >= WARM_UP_CLAIMS) {
      fast.push(between - began)
      slow.push(ended - between)
      claimed += found.length
    }
    if (found.length === 0) continue
    await pool.query(sql.type(row<never>())`
      with gone as (
        delete from webhook_delivery_queue
        where sequence = any(${sql.array(
          found.map(({ sequence }) => sequence),
          'int8',
        )})
        returning delivery_id, workspace_id, subscription_id, shard, event_id)
      insert into webhook_delivery_queue (delivery_id, delivery_created_at, workspace_id, subscription_id, shard,
        event_id, event_created_at)
      select 'dlv_' || gen_random_uuid(), now(), workspace_id, subscription_id, shard, event_id, now() from gone`)
  }
  return { claim: spreadOf(fast), slowClaim: spreadOf(slow), claimed }
}

async function addEndpoints(pool: DatabasePool, endpoints: number): Promise<void> {
  // Spread over the pumps as ids are; a single one is the measured pump's.
  await pool.query(sql.type(row<never>())`
    insert into salesforce_webhook_subscriptions (subscription_id, workspace_id, object_type, events, callback_url,
      secret, shard)
    select 'bench_' || n, ${DEFAULT_WORKSPACE_ID}, 'Account', '["account.*"]', 'https://example.com/' || n, '\\x00',
      (n - 1) % ${PUMP_SHARDS}
    from generate_series(1, ${endpoints}::int) n`)
}

async function addPending(pool: DatabasePool, more: number, endpoints: number): Promise<void> {
  if (more > 0) {
    await pool.query(sql.type(row<never>())`
      insert into webhook_delivery_queue (delivery_id, delivery_created_at, workspace_id, subscription_id, shard,
        event_id, event_created_at, due_at)
      select 'dlv_' || gen_random_uuid(), now(), ${DEFAULT_WORKSPACE_ID}, 'bench_' || (1 + n % ${endpoints}),
        (n % ${endpoints}) % ${PUMP_SHARDS}, 'evt_' || gen_random_uuid(), now(),
        now() - (${more} - n) * interval '1 millisecond'
      from generate_series(1, ${more}::int) n`)
  }
  await pool.query(sql.type(row<never>())`vacuum analyze webhook_delivery_queue`)
  await pool.query(sql.type(row<never>())`checkpoint`)
}
