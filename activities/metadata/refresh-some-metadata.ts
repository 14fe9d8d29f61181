import type {
  EndRefreshInput,
  RefreshMetadataStep,
  RefreshProgress,
} from '../../contracts/metadata.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createMetadataRefreshQueries, type MetadataRefresh } from '../../db/metadata-refreshes.ts'
import { createObjectCatalogueQueries } from '../../db/object-catalogue.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal, superseded } from '../failures.ts'
import type { Describer } from '../metadata.ts'
import type { ObjectListReader } from './read-object-list.ts'

/** Long enough that few steps are in a history, short enough that an operator sees progress. */
const SLICE_MS = 20_000
/** Objects between two writes of where the walk is; as many are looked at again after a crash. */
const OBJECTS_AT_ONCE = 20
/** Of them: an org allows few long calls at a time, and jobs need theirs. */
const CALLS_AT_ONCE = 4
/** Renewed every twenty seconds while a step runs. */
const LEASE_SECONDS = 180
/** A walk that broke off is gone on with for so long; after that the list is too old to go on with. */
const RESUMED_FOR_MS = 20 * 3_600_000

/** What the workflow `refreshMetadata` does. Where a walk is stands in the connection's row. */
export function createRefreshActivities(
  deps: Pick<ActivityDependencies, 'database' | 'logger' | 'bulk' | 'failpoint'>,
  describer: Describer,
  readObjectList: ObjectListReader,
) {
  const { database, logger } = deps
  const refreshes = createMetadataRefreshQueries(database)
  const catalogue = createObjectCatalogueQueries(database)

  /** Null where another run holds the connection. */
  async function take(step: RefreshMetadataStep): Promise<MetadataRefresh | null> {
    const { connectionId, workspaceId, holder } = step
    return database.transaction(async (transaction) => {
      const rows = createMetadataRefreshQueries(transaction)
      const row = await rows.lock({ connectionId, workspaceId })
      const isOurs = row.holder === holder
      // An attempt whose answer was lost has ended it.
      if (isOurs && row.state !== 'running') return row
      if (!isOurs && !row.isFree) return null
      const isUnfinished = row.state === 'running' || row.state === 'stopped'
      const isYoung = Date.now() - (row.startedAt?.getTime() ?? 0) < RESUMED_FOR_MS
      if (isOurs || (isUnfinished && isYoung)) {
        await rows.resume(connectionId, holder, LEASE_SECONDS)
      } else await rows.begin(connectionId, holder, LEASE_SECONDS)
      return required(rows.get(connectionId))
    })
  }

  async function walk(step: RefreshMetadataStep): Promise<RefreshProgress> {
    const { connectionId, holder } = step
    const until = performance.now() + SLICE_MS
    let row = await take(step)
    if (row === null) return SKIPPED
    if (row.state !== 'running') return progressOf(row)
    if (!row.listed) {
      const changes = await readObjectList(step)
      const objectsTotal = await catalogue.countToDescribe(connectionId)
      await held(refreshes.setListed(connectionId, holder, { objectsTotal, calls: 1, changes }))
    }
    for (;;) {
      row = await required(refreshes.get(connectionId))
      const names = await catalogue.listToDescribe(connectionId, row.reached, OBJECTS_AT_ONCE)
      const last = names.at(-1)
      if (last === undefined) return end(step, 'completed', null)
      if (!(await hasCallsLeft(connectionId))) {
        const why = 'Few API calls of the day are left: they are kept for jobs.'
        return end(step, 'stopped', why)
      }
      const changes = await lookAtAll(step, names)
      await deps.failpoint('metadata.before-advance')
      await held(
        refreshes.advance(connectionId, holder, {
          ...{ reached: last, objects: names.length, calls: names.length, changes },
        }),
      )
      if (performance.now() > until) return progressOf(await required(refreshes.get(connectionId)))
    }
  }

  /** @returns how many differences there were */
  async function lookAtAll(step: RefreshMetadataStep, names: readonly string[]): Promise<number> {
    const waiting = [...names]
    let changes = 0
    async function work(): Promise<void> {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        // Awaited first: the sum that it is added to would else be that of before the call.
        const found = await lookAt(step, name)
        changes += found
      }
    }
    await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work))
    return changes
  }

  async function lookAt({ connectionId, workspaceId }: RefreshMetadataStep, name: string) {
    try {
      return (await describer.look(connectionId, workspaceId, name)).changes
    } catch (error) {
      if (!isSalesforceError(error) || !OF_ONE_OBJECT.has(error.kind)) throw error
      // The others are not to wait for it. What is known of it stays.
      logger.warn({ connectionId, objectType: name, err: error }, 'an object cannot be described')
      return 0
    }
  }

  async function hasCallsLeft(connectionId: string): Promise<boolean> {
    const usage = (await createConnectionQueries(database).get(connectionId))?.apiUsage ?? null
    return usage === null || usage.used <= usage.limit * (1 - deps.bulk.reserveFraction)
  }

  async function end(
    { connectionId, holder }: RefreshMetadataStep,
    state: 'completed' | 'stopped' | 'failed',
    error: string | null,
  ): Promise<RefreshProgress> {
    await refreshes.end(connectionId, holder, state, error)
    const row = await required(refreshes.get(connectionId))
    if (row.holder !== holder) return SKIPPED
    const { objectsDone, calls, changes } = row
    logger.info({ connectionId, state, objectsDone, calls, changes }, 'a metadata refresh ended')
    return progressOf(row)
  }

  return {
    /** Walks on for some seconds. What is done stays done: a second attempt only goes on. */
    refreshSomeMetadata: ({ connectionId, workspaceId, holder }: RefreshMetadataStep) =>
      heartbeatWhile(
        () => walk({ connectionId, workspaceId, holder }),
        () => refreshes.renew(connectionId, holder, LEASE_SECONDS),
      ),

    /** Ends it as failed, unless it has ended, or was taken over. */
    endMetadataRefresh: (input: EndRefreshInput) => end(input, 'failed', input.error),
  }
}

const SKIPPED: RefreshProgress = {
  ...{ state: 'skipped', objectsTotal: 0, objectsDone: 0, calls: 0, changes: 0, reached: null },
  error: 'Another run looks at this connection.',
}

/** Kinds of errors that are of the object asked for, and not of the connection. */
const OF_ONE_OBJECT: ReadonlySet<string> = new Set([
  'permission',
  'not_found',
  'invalid_request',
  'invalid_state',
  'invalid_answer',
])

async function held(written: Promise<boolean>): Promise<void> {
  if (!(await written)) throw superseded('The refresh')
}

async function required(found: Promise<MetadataRefresh | null>): Promise<MetadataRefresh> {
  const row = await found
  if (row === null) throw internal('The refresh is not there.')
  return row
}

function progressOf(row: MetadataRefresh): RefreshProgress {
  const { state, objectsTotal, objectsDone, calls, changes, reached, error } = row
  if (state === 'idle') throw internal('The refresh has not begun.')
  return { state, objectsTotal, objectsDone, calls, changes, reached, error }
}
