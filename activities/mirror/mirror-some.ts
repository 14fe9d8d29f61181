import { Context } from '@temporalio/activity'
import { MIRROR_OBJECTS, type MirrorProgress, type MirrorRunInput } from '../../contracts/mirror.ts'
import { createMirrorRunQueries, type MirrorTurn } from '../../db/mirror-runs.ts'
import { createMirrorWatermarkQueries, type MirrorWatermark } from '../../db/mirror-watermarks.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import { superseded } from '../failures.ts'
import { beginObject } from './begin-object.ts'
import { eraseMirror } from './erase-mirror.ts'
import { countObject, loadInBulk, walkObject } from './load-object.ts'
import { objectFault } from './object-fault.ts'
import {
  commitStep,
  LEASE_SECONDS,
  type MirrorDependencies,
  type Pull,
  requireTurn,
} from './pull-context.ts'
import { pullPages } from './pull-pages.ts'
import { requireCalls } from './require-calls.ts'
import { takeSnapshot } from './take-snapshot.ts'

/** Long enough that few steps are in a history, short enough that an operator sees progress. */
const SLICE_MS = 5_000
const NEVER = Number.POSITIVE_INFINITY

/** Pulls for some seconds: each step is one page, committed with the place that it leads to. */
export function createMirrorSome(deps: MirrorDependencies) {
  const { database } = deps
  const runs = createMirrorRunQueries(database)
  const marks = createMirrorWatermarkQueries(database)

  /** One step of one object; milliseconds until the next one of it. */
  async function step(pull: Pull, mark: MirrorWatermark): Promise<number> {
    if (mark.run !== pull.turn.run) {
      await beginObject(pull, mark)
      return 0
    }
    if (mark.calls >= deps.mirror.mostCalls) {
      deps.logger.warn(
        { ...pull.owner, object: mark.object, calls: mark.calls },
        'the rest of an object is pulled by the next run',
      )
      await commitStep(pull, mark, 0, { phase: 'done' })
      return 0
    }
    switch (mark.phase) {
      case 'begin':
        await beginObject(pull, mark)
        return 0
      case 'count':
        await countObject(pull, mark)
        return 0
      case 'bulk':
        return loadInBulk(pull, mark)
      case 'walk':
        await walkObject(pull, mark)
        return 0
      case 'pages':
        await pullPages(pull, mark)
        return 0
      case 'done':
        return NEVER
      default:
        return unknownPhase(mark.phase)
    }
  }

  /** The same; what concerns this object alone is noted, and the others go on. */
  async function stepOrNote(pull: Pull, mark: MirrorWatermark): Promise<number> {
    try {
      return await step(pull, mark)
    } catch (error) {
      const fault = await objectFault(pull, mark, error, Context.current().info.attempt)
      if (fault === null) throw error
      deps.logger.warn(
        { ...pull.owner, object: mark.object, err: error },
        'an object is not pulled',
      )
      await commitStep(pull, mark, 1, {
        ...{ run: pull.turn.run, phase: 'done', bulkJobId: null, bulkLocator: null },
        ...{ errorCode: fault.code, error: fault.message, errorAt: new Date() },
        ...(mark.run === pull.turn.run ? {} : { calls: 0, changed: 0 }),
      })
      return 0
    }
  }

  async function listed(connectionId: string): Promise<readonly MirrorWatermark[]> {
    const found = await marks.list(connectionId)
    return MIRROR_OBJECTS.flatMap((object) => found.filter((mark) => mark.object === object))
  }

  /** A connection of the environment can come to lead to another org, whose rows must not mix with those of the last. */
  async function requireSameOrg(pull: Omit<Pull, 'deps'>): Promise<void> {
    const { connectionId } = pull.owner
    const organizationId = await pull.client.organizationId(pull.signal)
    const known = (await runs.get(connectionId))?.organizationId ?? null
    if (known === organizationId) return
    const guard = (transaction: DatabaseTransactionConnection) =>
      requireTurn(transaction, connectionId, pull.turn)
    if (known !== null) {
      deps.logger.warn({ connectionId, known, organizationId }, 'rows of another org are removed')
      await eraseMirror(database, connectionId, guard)
    }
    await database.transaction(async (transaction) => {
      await guard(transaction)
      await createMirrorWatermarkQueries(transaction).ensure(pull.owner, MIRROR_OBJECTS)
      await createMirrorRunQueries(transaction).setOrganization(connectionId, organizationId)
    })
  }

  async function pullFor(input: MirrorRunInput, turn: MirrorTurn): Promise<MirrorProgress> {
    const { workspaceId, connectionId } = input
    const owner = { workspaceId, connectionId }
    const until = performance.now() + SLICE_MS
    const signal = Context.current().cancellationSignal
    await requireCalls(deps, connectionId)
    const first = await deps.connections.clientFor(connectionId)
    await requireSameOrg({ owner, turn, client: first, signal })
    /** When to look again at what Salesforce is still at work on. */
    const dueAt = new Map<string, number>()
    for (;;) {
      await requireCalls(deps, connectionId)
      const client = await deps.connections.clientFor(connectionId)
      const pull: Pull = { deps, owner, turn, client, signal }
      const open = (await listed(connectionId)).filter(
        ({ run, phase }) => run !== turn.run || phase !== 'done',
      )
      if (open.length === 0) {
        await takeSnapshot(pull)
        return progressOf('finished', 0, await listed(connectionId))
      }
      const now = Date.now()
      const next = open.find(({ object }) => (dueAt.get(object) ?? 0) <= now)
      if (next === undefined) {
        const waitMs = Math.min(...open.map(({ object }) => (dueAt.get(object) ?? now) - now))
        return progressOf('running', Math.max(1, Math.ceil(waitMs)), await listed(connectionId))
      }
      dueAt.set(next.object, Date.now() + (await stepOrNote(pull, next)))
      if (performance.now() > until) {
        return progressOf('running', 0, await listed(connectionId))
      }
    }
  }

  /** A second attempt goes on from the rows; an older one that is still alive writes nothing any more. */
  return async (input: MirrorRunInput): Promise<MirrorProgress> => {
    const { connectionId, holder } = input
    const turn = await runs.takeTurn(connectionId, holder, LEASE_SECONDS)
    if (turn === null) throw superseded('the pull')
    return heartbeatWhile(
      () => pullFor(input, turn),
      async () => {
        await runs.keepTurn(connectionId, turn, LEASE_SECONDS)
      },
    )
  }
}

function progressOf(
  state: MirrorProgress['state'],
  waitMs: number,
  marks: readonly MirrorWatermark[],
): MirrorProgress {
  return {
    state,
    waitMs,
    objects: marks.map(({ object, phase, changed, calls, error }) => ({
      ...{ object, phase, changed, calls, error },
    })),
  }
}

function unknownPhase(phase: never): never {
  throw new Error(`Unknown phase ${String(phase)}`)
}
