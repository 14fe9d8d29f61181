import { createConnectionQueries } from '../../db/connections.ts'
import { blocked } from '../failures.ts'
import type { MirrorDependencies } from './pull-context.ts'

/** What was seen longer ago says little of a window that moves. */
const GOOD_FOR_MS = 3_600_000

/** Leaves the reserve of the org's daily calls to others, as loads do. @throws `Blocked` for the run. */
export async function requireCalls(deps: MirrorDependencies, connectionId: string): Promise<void> {
  const found = await createConnectionQueries(deps.database).get(connectionId)
  if (found === null || found.status === 'revoked') {
    throw blocked('authentication_failed', 'The connection was revoked or removed.')
  }
  const usage = found.apiUsage
  if (usage === null || Date.now() - usage.seenAt.getTime() > GOOD_FOR_MS) return
  const left = usage.limit - usage.used
  if (left > usage.limit * deps.bulk.reserveFraction) return
  throw blocked(
    'quota_exhausted',
    `${usage.used} of ${usage.limit} daily API calls are used; the rest is left to others.`,
  )
}
