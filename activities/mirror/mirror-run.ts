import {
  type EndMirrorInput,
  MIRROR_OBJECTS,
  type MirrorBegin,
  type MirrorRunInput,
} from '../../contracts/mirror.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createMirrorRunQueries } from '../../db/mirror-runs.ts'
import { createMirrorWatermarkQueries } from '../../db/mirror-watermarks.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import { eraseMirror } from './erase-mirror.ts'
import { createMirrorSome } from './mirror-some.ts'
import { LEASE_SECONDS, type MirrorDependencies } from './pull-context.ts'

/** What the workflow `syncMirror` does. */
export function createMirrorActivities(deps: MirrorDependencies) {
  const { database, logger } = deps
  const runs = createMirrorRunQueries(database)

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
        await heartbeatWhile(() => eraseMirror(database, connectionId, async () => {}))
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
      const connections = createConnectionQueries(database)
      const isConnected = (await connections.get(connectionId))?.status === 'connected'
      // As the jobs of the connection find it; one that was revoked is not to be mended.
      if (reason === 'authentication_failed' && isConnected) {
        await connections.block(connectionId, reason, detail ?? '')
      }
      if (state !== 'idle') logger.warn({ connectionId, state, reason, detail }, 'a pull has ended')
    },

    /** Some seconds of the run. */
    mirrorSome: createMirrorSome(deps),
  }
}
