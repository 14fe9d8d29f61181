import {
  type EndMirrorInput,
  MIRROR_OBJECTS,
  type MirrorBegin,
  type MirrorRunInput,
} from '../../contracts/mirror.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createMirrorRowQueries } from '../../db/mirror-rows.ts'
import { createMirrorRunQueries } from '../../db/mirror-runs.ts'
import { createMirrorWatermarkQueries } from '../../db/mirror-watermarks.ts'
import { createOpportunityDailySnapshotQueries } from '../../db/opportunity-daily-snapshots.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import { createMirrorSome } from './mirror-some.ts'
import { LEASE_SECONDS, type MirrorDependencies } from './pull-context.ts'

const ERASE_AT_ONCE = 10_000

/** What the workflow `syncMirror` does. */
export function createMirrorActivities(deps: MirrorDependencies) {
  const { database, logger } = deps
  const runs = createMirrorRunQueries(database)

  /** In pieces, the row that says there is something last: an attempt that breaks off is done again. */
  async function erase(connectionId: string): Promise<void> {
    const rows = createMirrorRowQueries(database)
    const snapshots = createOpportunityDailySnapshotQueries(database)
    for (const object of MIRROR_OBJECTS) {
      while ((await rows.erase(object, connectionId, ERASE_AT_ONCE)) === ERASE_AT_ONCE);
    }
    while ((await snapshots.erase(connectionId, ERASE_AT_ONCE)) === ERASE_AT_ONCE);
    await createMirrorWatermarkQueries(database).remove(connectionId)
  }

  return {
    /** Takes the lease of the connection's mirror. What is left of a connection that was removed is erased. */
    async beginMirror(input: MirrorRunInput): Promise<MirrorBegin> {
      const { workspaceId, connectionId, holder } = input
      const connection = await createConnectionQueries(database).get(connectionId)
      if (connection === null) return { status: 'skipped', why: 'There is no such connection.' }
      const owner = { workspaceId, connectionId }
      if (!(await runs.begin(owner, holder, LEASE_SECONDS))) {
        return { status: 'skipped', why: 'Another run pulls.' }
      }
      if (connection.isDeleted) {
        await heartbeatWhile(() => erase(connectionId))
        await runs.remove(connectionId)
        return { status: 'skipped', why: 'The connection was removed.' }
      }
      await createMirrorWatermarkQueries(database).ensure(owner, MIRROR_OBJECTS)
      return { status: 'ready' }
    },

    /** Ends the run, unless another one has taken it over. */
    async endMirror({
      connectionId,
      holder,
      state,
      reason,
      detail,
    }: EndMirrorInput): Promise<void> {
      if (!(await runs.end(connectionId, holder, { state, reason, detail }))) return
      if (reason === 'authentication_failed') {
        await createConnectionQueries(database).block(connectionId, reason, detail ?? '')
      }
      if (state !== 'idle') logger.warn({ connectionId, state, reason, detail }, 'a pull has ended')
    },

    /** Some seconds of the run. */
    mirrorSome: createMirrorSome(deps),
  }
}
