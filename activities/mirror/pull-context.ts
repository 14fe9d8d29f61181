import { createMirrorRowQueries, type MirrorOwner } from '../../db/mirror-rows.ts'
import { createMirrorRunQueries, type MirrorTurn } from '../../db/mirror-runs.ts'
import {
  createMirrorWatermarkQueries,
  type MirrorStep,
  type MirrorWatermark,
} from '../../db/mirror-watermarks.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import type { SalesforceClient } from '../../salesforce/client.ts'
import type { QueryRecord } from '../../salesforce/soql-query.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { superseded } from '../failures.ts'
import type { Describer } from '../metadata.ts'

/** A run that is lost is taken over after this. */
export const LEASE_SECONDS = 120

export type MirrorDependencies = Pick<
  ActivityDependencies,
  'database' | 'connections' | 'bulk' | 'mirror' | 'logger' | 'failpoint' | 'retentionDays'
> & { readonly describer: Describer }

/** What a step works with. */
export interface Pull {
  readonly deps: MirrorDependencies
  readonly owner: MirrorOwner
  readonly turn: MirrorTurn
  readonly client: SalesforceClient
  readonly signal: AbortSignal
}

/** Holds the turn until the transaction ends. @throws `Superseded` where a later attempt has it. */
export async function requireTurn(
  transaction: DatabaseTransactionConnection,
  connectionId: string,
  turn: MirrorTurn,
): Promise<void> {
  const runs = createMirrorRunQueries(transaction)
  if (!(await runs.keepTurn(connectionId, turn, LEASE_SECONDS))) throw superseded('the pull')
}

type Rows = ReturnType<typeof createMirrorRowQueries>

/**
 * Writes what a step read, and where it has come to, in one transaction that only the latest turn may make: an attempt
 * that was given up for dead cannot put back what a later one found.
 */
export async function commitStep(
  pull: Pull,
  mark: MirrorWatermark,
  calls: number,
  step: MirrorStep,
  write: (rows: Rows) => Promise<number> = async () => 0,
): Promise<void> {
  const { deps, owner, turn } = pull
  await deps.failpoint('mirror.before-commit')
  await deps.database.transaction(async (transaction) => {
    await requireTurn(transaction, owner.connectionId, turn)
    const changed = await write(createMirrorRowQueries(transaction))
    const base = step.calls === undefined ? mark.calls : step.calls
    await createMirrorWatermarkQueries(transaction).put(owner.connectionId, mark.object, {
      ...step,
      calls: base + calls,
      changed: (step.changed ?? mark.changed) + changed,
    })
  })
  await deps.failpoint('mirror.after-commit')
}

/** All records of a query that is bounded by its LIMIT, and the calls that it took. */
export async function queryAll(
  { client, signal }: Pull,
  soql: string,
): Promise<{ readonly records: readonly QueryRecord[]; readonly calls: number }> {
  const records: QueryRecord[] = []
  let calls = 0
  for await (const page of client.query(soql, { signal })) {
    calls += 1
    records.push(...page.records)
  }
  return { records, calls }
}

/** The last of each id, in the order of the list: a statement takes each row once. */
export function distinct(records: readonly QueryRecord[]): readonly QueryRecord[] {
  return [...new Map(records.map((record) => [String(record['Id']), record])).values()]
}
