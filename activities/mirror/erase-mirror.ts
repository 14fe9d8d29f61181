import { MIRROR_OBJECTS } from '../../contracts/mirror.ts'
import { createMirrorRowQueries } from '../../db/mirror-rows.ts'
import { createMirrorWatermarkQueries } from '../../db/mirror-watermarks.ts'
import { createOpportunityDailySnapshotQueries } from '../../db/opportunity-daily-snapshots.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import { eraseAnalytics } from '../analytics/erase-analytics.ts'

const AT_ONCE = 10_000

/**
 * Removes all that was pulled over a connection, and what was made of it, in pieces: an attempt that breaks off is done again. `guard` throws in
 * the transaction of each piece where the attempt may write no more.
 */
export async function eraseMirror(
  database: WorkspaceDatabase,
  connectionId: string,
  guard: (transaction: DatabaseTransactionConnection) => Promise<void>,
): Promise<void> {
  type Piece = (transaction: DatabaseTransactionConnection) => Promise<number>
  const pieces: readonly Piece[] = [
    ...MIRROR_OBJECTS.map(
      (object): Piece =>
        (transaction) =>
          createMirrorRowQueries(transaction).erase(object, connectionId, AT_ONCE),
    ),
    (transaction) =>
      createOpportunityDailySnapshotQueries(transaction).erase(connectionId, AT_ONCE),
    (transaction) => eraseAnalytics(transaction, connectionId, AT_ONCE),
    async (transaction) => {
      await createMirrorWatermarkQueries(transaction).remove(connectionId)
      return 0
    },
  ]
  for (const piece of pieces) {
    for (;;) {
      const erased = await database.transaction(async (transaction) => {
        await guard(transaction)
        return piece(transaction)
      })
      if (erased < AT_ONCE) break
    }
  }
}
