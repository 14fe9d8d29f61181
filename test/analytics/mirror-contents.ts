import { createDrainBuckets } from '../../activities/analytics/drain-buckets.ts'
import { createRefreshResults } from '../../activities/analytics/refresh-results.ts'
import { toMirrorRow } from '../../activities/mirror/mirror-row.ts'
import { MIRROR_OBJECTS, type MirrorObject } from '../../contracts/mirror.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { openDatabase } from '../../db/database.ts'
import { createMirrorRowQueries } from '../../db/mirror-rows.ts'
import { MIRROR_TABLES } from '../../db/mirror-tables.ts'
import { createMirrorWatermarkQueries } from '../../db/mirror-watermarks.ts'
import type { DatabasePool } from '../../db/pool.ts'

export const OWNER = { connectionId: DEFAULT_CONNECTION_ID, workspaceId: DEFAULT_WORKSPACE_ID }

/** A record as Salesforce shows it. */
export type Shown = Readonly<Record<string, unknown>>

/** Writes records as a pull would have. */
export async function fillMirror(
  pool: DatabasePool,
  object: MirrorObject,
  records: readonly Shown[],
): Promise<void> {
  const rows = records.map((record) => toMirrorRow(object, record))
  await pool.transaction(async (transaction) => {
    const write = createMirrorRowQueries(transaction)
    if (MIRROR_TABLES[object].pull === 'whole') await write.replace(object, OWNER, rows)
    else await write.upsert(object, OWNER, rows, null)
  })
}

/** Says of all objects, or of these, that they were pulled. */
export async function setPulled(
  pool: DatabasePool,
  objects: readonly MirrorObject[] = MIRROR_OBJECTS,
): Promise<void> {
  const marks = createMirrorWatermarkQueries(pool)
  await marks.ensure(OWNER, objects)
  const now = new Date()
  for (const object of objects) {
    await marks.put(OWNER.connectionId, object, { asOf: now, firstLoadFinishedAt: now })
  }
}

/** The rollup as an activity does it, until nothing is marked. */
export async function rollUp(databaseUrl: string, timeZone: string | null = null): Promise<number> {
  const database = await openDatabase({ url: databaseUrl, poolSize: 2, onError: () => {} })
  const deps = {
    database: database.workspace(OWNER.workspaceId),
    mirror: {
      ...{ pageRows: 2_000, bulkFromRows: 10_000, mostCalls: 100, overlapMs: 0 },
      ...{ reconcileEveryMs: 86_400_000, timeZone },
    },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    failpoint: async () => {},
  }
  try {
    let computed = 0
    const drain = createDrainBuckets(deps)
    for (;;) {
      const progress = await drain(OWNER)
      computed += progress.computed
      if (progress.left === 0) break
    }
    await createRefreshResults(deps)({ ...OWNER, changed: computed > 0 })
    return computed
  } finally {
    await database.end()
  }
}
