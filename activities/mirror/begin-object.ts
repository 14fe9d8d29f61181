import { createDescribeCacheQueries } from '../../db/describe-cache.ts'
import { MIRROR_TABLES } from '../../db/mirror-tables.ts'
import type { MirrorStep, MirrorWatermark } from '../../db/mirror-watermarks.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import type { DeletedRecords } from '../../salesforce/replication.ts'
import { toMirrorRow } from './mirror-row.ts'
import { allQuery } from './mirror-soql.ts'
import { commitStep, type Pull, queryAll } from './pull-context.ts'

const DAY_MS = 86_400_000
/** A span may begin 30 days ago; the org's clock may be ahead of ours. */
const SPAN_DAYS = 29
/** Ahead of our clock: seconds do not count there, and the org says itself how far it knows. */
const AHEAD_MS = 10 * 60_000

/** The org does not have the object, or does not show it; the message is for people. */
export class ObjectNotVisibleError extends Error {
  override readonly name = 'ObjectNotVisibleError'
}

/** First step of a run: which fields there are, and what was deleted. */
export async function beginObject(pull: Pull, mark: MirrorWatermark): Promise<void> {
  const { deps, turn } = pull
  const { object } = mark
  const table = MIRROR_TABLES[object]
  const { fields, missingFields, calls } = await visibleFields(pull, mark)
  const fresh: MirrorStep = {
    ...{ run: turn.run, calls: 0, changed: 0, fields, missingFields },
    ...{ errorCode: null, error: null, errorAt: null },
  }
  if (table.pull === 'whole') {
    const asOf = new Date()
    const found = await queryAll(pull, allQuery(object, fields))
    const rows = found.records.map((record) => toMirrorRow(object, record))
    const finished = mark.firstLoadFinishedAt ?? asOf
    const done: MirrorStep = {
      ...{ phase: 'done', asOf, rows: rows.length, reconciledAt: asOf },
      ...{ firstLoadFinishedAt: finished, loadedRows: rows.length },
    }
    await commitStep(pull, mark, calls + found.calls, { ...fresh, ...done }, async (write) => {
      await write.replace(object, pull.owner, rows)
      return 0
    })
    return
  }
  // A field that came to be seen is empty in all rows that were read before.
  const grew = mark.firstLoadFinishedAt !== null && fields.some((f) => !mark.fields.includes(f))
  const overlapMs = deps.mirror.overlapMs
  const told = table.tellsDeleted ? await readDeleted(pull, mark, overlapMs) : null
  const orgTime = told?.answer?.covered ?? null
  const isOpen = mark.modstamp !== null
  const startedAt = new Date()
  const step: MirrorStep = {
    ...fresh,
    phase: mark.firstLoadFinishedAt !== null ? 'pages' : loadPhase(mark),
    // Null after a refusal: the walk over all ids makes up for the span, and the next one begins anew.
    ...(told === null ? {} : { deletedUntil: orgTime }),
    ...(grew || told?.lost === true ? { reconcileWantedAt: startedAt } : {}),
    // A walk that calls were too few for goes on, and with it the time from which the next one begins.
    ...(isOpen ? {} : { pagesOrgTime: orgTime, pagesStartedAt: startedAt }),
    // Our own clock may be far from the org's.
    ...(mark.scanFrom === null
      ? {
          scanFrom: new Date(
            orgTime === null ? startedAt.getTime() - DAY_MS : orgTime.getTime() - overlapMs,
          ),
        }
      : {}),
  }
  await commitStep(pull, mark, calls + (told === null ? 0 : 1), step, (write) =>
    write.markDeleted(
      object,
      pull.owner.connectionId,
      told?.answer?.records ?? [],
      overlapMs / 1_000,
    ),
  )
}

function loadPhase(mark: MirrorWatermark): 'count' | 'bulk' | 'walk' {
  if (mark.bulkJobId !== null) return 'bulk'
  return mark.walkAfter === null ? 'count' : 'walk'
}

interface VisibleFields {
  readonly fields: readonly string[]
  readonly missingFields: readonly string[]
  readonly calls: number
}

/** By the describe, from the cache where it is good. @throws {ObjectNotVisibleError} */
async function visibleFields(pull: Pull, { object }: MirrorWatermark): Promise<VisibleFields> {
  const { deps, owner } = pull
  const cached = await createDescribeCacheQueries(deps.database).find(owner.connectionId, object)
  const isFresh = cached !== null && !cached.stale
  const describe = isFresh
    ? cached.describe
    : await deps.describer.describe(owner.connectionId, owner.workspaceId, object)
  const table = MIRROR_TABLES[object]
  if (describe === null) {
    throw new ObjectNotVisibleError(`The org has no object ${object}, or its user may not see it.`)
  }
  const there = new Set(describe.fields.map(({ name }) => name))
  const wanted = table.columns.map(({ field }) => field)
  const lacking = table.required.filter((field) => !there.has(field))
  if (lacking.length > 0) {
    throw new ObjectNotVisibleError(`${object} has no field ${lacking.join(', ')} for its user.`)
  }
  return {
    fields: wanted.filter((field) => there.has(field)),
    missingFields: wanted.filter((field) => !there.has(field)),
    calls: isFresh ? 0 : 1,
  }
}

interface ToldDeleted {
  readonly answer: DeletedRecords | null
  /** Some deletions may not have been told. */
  readonly lost: boolean
}

async function readDeleted(
  { client, signal }: Pull,
  mark: MirrorWatermark,
  overlapMs: number,
): Promise<ToldDeleted> {
  const now = Date.now()
  const earliest = now - SPAN_DAYS * DAY_MS
  const wanted = (mark.deletedUntil?.getTime() ?? now) - overlapMs
  const start = Math.max(wanted, earliest)
  const hadRows = mark.deletedUntil !== null
  const until = (end: number) =>
    client.replication.deleted(mark.object, { start: new Date(start), end: new Date(end) }, signal)
  try {
    const answer = await until(now + AHEAD_MS).catch((error: unknown) => {
      // An org that takes no end that lies ahead; the last minutes are then told next time.
      if (isSalesforceError(error) && error.errorCode === 'INVALID_REPLICATION_DATE') {
        return until(now)
      }
      throw error
    })
    return { answer, lost: hadRows && wanted < answer.earliestAvailable.getTime() }
  } catch (error) {
    // Too many at once: all ids are compared now. Of what it never tells, they are once a day.
    if (!isSalesforceError(error) || error.kind !== 'invalid_request') throw error
    return { answer: null, lost: hadRows }
  }
}
