import { createMirrorRowQueries } from '../../db/mirror-rows.ts'
import { createMirrorRunQueries } from '../../db/mirror-runs.ts'
import { MIRROR_TABLES } from '../../db/mirror-tables.ts'
import { createMirrorWatermarkQueries } from '../../db/mirror-watermarks.ts'
import { createOpportunityDailySnapshotQueries } from '../../db/opportunity-daily-snapshots.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import { type Pull, queryAll, requireTurn } from './pull-context.ts'

const DAY_MS = 86_400_000
/** An opportunity that was closed stays in the snapshots for so long: late corrections show. */
const CLOSED_DAYS = 31
/** Deleted rows stay for the movements that they are part of. */
const DELETED_DAYS = 90
const FORGET_AT_ONCE = 10_000

/** End of a run: counts, and today's snapshot where the opportunities are as of now. May be done again. */
export async function takeSnapshot(pull: Pull): Promise<void> {
  const { deps, owner, turn } = pull
  const { connectionId } = owner
  const timeZone = await timeZoneOf(pull)
  const marks = await createMirrorWatermarkQueries(deps.database).list(connectionId)
  await deps.database.transaction(async (transaction) => {
    await requireTurn(transaction, connectionId, turn)
    const rows = createMirrorRowQueries(transaction)
    const watermarks = createMirrorWatermarkQueries(transaction)
    for (const { object } of marks) {
      if (MIRROR_TABLES[object].pull === 'pages') {
        await rows.forgetDeleted(object, connectionId, DELETED_DAYS, FORGET_AT_ONCE)
      }
      await watermarks.put(connectionId, object, { rows: await rows.count(object, connectionId) })
    }
    const opportunity = marks.find(({ object }) => object === 'Opportunity')
    // A day is not told from rows that are not of it.
    const isCurrent =
      opportunity !== undefined &&
      opportunity.error === null &&
      opportunity.modstamp === null &&
      opportunity.asOf !== null &&
      Date.now() - opportunity.asOf.getTime() < DAY_MS
    if (!isCurrent) return
    const snapshots = createOpportunityDailySnapshotQueries(transaction)
    await snapshots.replaceToday(owner, timeZone, CLOSED_DAYS)
  })
}

/** The configured one, else the org's, asked for once a day, else UTC. */
async function timeZoneOf(pull: Pull): Promise<string> {
  const { deps, owner } = pull
  const snapshots = createOpportunityDailySnapshotQueries(deps.database)
  if (deps.mirror.timeZone !== null && (await snapshots.knowsTimeZone(deps.mirror.timeZone))) {
    return deps.mirror.timeZone
  }
  const runs = createMirrorRunQueries(deps.database)
  const run = await runs.get(owner.connectionId)
  const readAt = run?.timeZoneAt?.getTime() ?? 0
  if (Date.now() - readAt < DAY_MS) return run?.timeZone ?? 'UTC'
  const asked = await orgTimeZone(pull)
  const known = asked !== null && (await snapshots.knowsTimeZone(asked)) ? asked : null
  await runs.setTimeZone(owner.connectionId, known)
  return known ?? 'UTC'
}

async function orgTimeZone(pull: Pull): Promise<string | null> {
  try {
    const { records } = await queryAll(pull, 'SELECT TimeZoneSidKey FROM Organization LIMIT 1')
    const zone = records[0]?.['TimeZoneSidKey']
    return typeof zone === 'string' ? zone : null
  } catch (error) {
    // Not every user may read it.
    if (isSalesforceError(error) && error.retry === 'never') return null
    if (isSalesforceError(error) && error.kind === 'permission') return null
    throw error
  }
}
