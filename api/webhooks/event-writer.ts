import type { Logger } from 'pino'
import { ApiError } from '../errors.ts'
import { isDatabaseUnavailable } from '../unavailable.ts'
import { isRefusedValue } from './is-refused-value.ts'
import { sizeOfIntakes } from './size-of-intakes.ts'
import type { Intake, StoreIntakes } from './store-intakes.ts'

export interface EventWriter {
  /**
   * Stores what has not been taken in before, all of it in one transaction, and says of each whether it was new.
   * @throws {ApiError} `service_unavailable` where it may not have been stored, `invalid_request` where it never will
   */
  write(workspaceId: string, intakes: readonly Intake[]): Promise<readonly boolean[]>
}

/** How much may wait, be written together, and for how long. */
export interface WriterBounds {
  /** Requests of a workspace that wait; more are sent away, to come again. */
  readonly waiting: number
  /**
   * Of a workspace, waiting or being written. A webhook of many ids takes many times its body here, so that bodies which
   * are bounded do not bound it. What alone is more is taken where nothing else is there.
   */
  readonly workspaceBytes: number
  /** Of all workspaces together. */
  readonly processBytes: number
  /** Of a transaction, unless one request has more. */
  readonly groupEvents: number
  readonly groupBytes: number
  /** Longer than this nobody is kept waiting. */
  readonly patienceMs: number
}

const BOUNDS: WriterBounds = {
  ...{ waiting: 2_000, workspaceBytes: 32_000_000, processBytes: 128_000_000 },
  ...{ groupEvents: 1_000, groupBytes: 4_000_000, patienceMs: 15_000 },
}

interface Waiting {
  readonly intakes: readonly Intake[]
  readonly events: number
  readonly bytes: number
  readonly done: (isNew: readonly boolean[]) => void
  readonly failed: (error: unknown) => void
  /** Its sender was told to come again: what is not being written yet is not written any more. */
  hasLeft: boolean
}

interface Lane {
  readonly waiting: Waiting[]
  /** Of what waits and what is being written. */
  bytes: number
  /** Groups under way. */
  storing: number
  /** Until the next group. */
  timer: NodeJS.Timeout | null
  /** When the last group was taken, in milliseconds of the process. */
  takenAt: number
}

/** Transactions of a workspace at once; whoever comes meanwhile shares the next one. */
const AT_ONCE = 2
/** Groups begin so far apart: each costs the database about the same, whether it is one webhook or thirty. */
const GATHER_MS = 8
const REFUSED_FOR_GOOD = 'the database refuses a webhook for good'

/**
 * Writes events. Requests that come while others are being written go into one transaction together, as each commit
 * waits for the disk: so it holds many times the rate of one transaction a request.
 */
export function createEventWriter(
  deps: { readonly store: StoreIntakes; readonly logger: Logger },
  bounds: WriterBounds = BOUNDS,
): EventWriter {
  const lanes = new Map<string, Lane>()
  /** Of all lanes. */
  let held = 0

  async function store(workspaceId: string, group: readonly Waiting[]): Promise<void> {
    const intakes = group.flatMap((waiting) => waiting.intakes)
    const fresh = await deps.store(workspaceId, intakes)
    let place = 0
    for (const waiting of group) {
      waiting.done(waiting.intakes.map(() => fresh.has(place++)))
    }
  }

  async function storeGroup(workspaceId: string, group: readonly Waiting[]): Promise<void> {
    try {
      await store(workspaceId, group)
    } catch (error) {
      if (group.length === 1 || isDatabaseUnavailable(error)) {
        for (const { failed } of group) failed(error)
        return
      }
      // One of them may be what the database refuses: the others must not suffer for it.
      deps.logger.warn({ err: error, requests: group.length }, 'webhooks are stored one by one')
      for (const waiting of group) {
        if (!waiting.hasLeft) await store(workspaceId, [waiting]).catch(waiting.failed)
      }
    }
  }

  function takeGroup({ waiting }: Lane): readonly Waiting[] {
    let events = 0
    let bytes = 0
    const length = waiting.findIndex((next, place) => {
      events += next.events
      bytes += next.bytes
      return place > 0 && (events > bounds.groupEvents || bytes > bounds.groupBytes)
    })
    return waiting.splice(0, length < 0 ? waiting.length : length)
  }

  function release(lane: Lane, group: readonly Waiting[]): void {
    const bytes = group.reduce((sum, waiting) => sum + waiting.bytes, 0)
    lane.bytes -= bytes
    held -= bytes
  }

  /** Takes the next group where it may, now or as soon as it may; forgets a lane in which nothing goes on. */
  function schedule(workspaceId: string, lane: Lane): void {
    if (lane.timer !== null || lane.storing >= AT_ONCE) return
    const rest = lane.takenAt + GATHER_MS - performance.now()
    if (rest > 0) {
      lane.timer = setTimeout(() => {
        lane.timer = null
        schedule(workspaceId, lane)
      }, rest)
      return
    }
    const group = takeGroup(lane)
    if (group.length === 0) {
      if (lane.storing === 0) lanes.delete(workspaceId)
      return
    }
    lane.takenAt = performance.now()
    lane.storing += 1
    void storeGroup(workspaceId, group).finally(() => {
      lane.storing -= 1
      release(lane, group)
      schedule(workspaceId, lane)
    })
  }

  function requireRoom(lane: Lane, bytes: number): void {
    const isFull =
      lane.waiting.length >= bounds.waiting ||
      (lane.bytes > 0 && lane.bytes + bytes > bounds.workspaceBytes) ||
      (held > 0 && held + bytes > bounds.processBytes)
    if (isFull) throw notStored(new Error('Too much waits.'))
  }

  /** Takes one that has waited for too long out of the queue: it is sent again, and must not be written meanwhile. */
  function leave(lane: Lane, waiting: Waiting): void {
    waiting.hasLeft = true
    const place = lane.waiting.indexOf(waiting)
    if (place >= 0) release(lane, lane.waiting.splice(place, 1))
  }

  return {
    async write(workspaceId, intakes) {
      const lane = lanes.get(workspaceId) ?? {
        ...{ waiting: [], bytes: 0, storing: 0, timer: null, takenAt: Number.NEGATIVE_INFINITY },
      }
      const bytes = sizeOfIntakes(intakes)
      requireRoom(lane, bytes)
      lanes.set(workspaceId, lane)
      const { promise, resolve: done, reject: failed } = Promise.withResolvers<readonly boolean[]>()
      const events = intakes.reduce((sum, intake) => sum + intake.events.length, 0)
      const waiting = { intakes, events, bytes, done, failed, hasLeft: false }
      lane.waiting.push(waiting)
      lane.bytes += bytes
      held += bytes
      const timer = setTimeout(() => {
        leave(lane, waiting)
        failed(new Error(`Not stored within ${bounds.patienceMs} ms.`))
      }, bounds.patienceMs)
      schedule(workspaceId, lane)
      try {
        return await promise
      } catch (error) {
        // It does not come again: nobody else would tell.
        if (isRefusedValue(error)) deps.logger.error({ err: error, workspaceId }, REFUSED_FOR_GOOD)
        throw notStored(error)
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

/** The sender must come again, and what was stored all the same is then a duplicate; or never come again with it. */
function notStored(cause: unknown): ApiError {
  if (isRefusedValue(cause)) {
    const message =
      'The database refuses a value of this webhook, and would refuse it again. Do not send it again as it is.'
    return new ApiError('invalid_request', message, { cause })
  }
  return new ApiError('service_unavailable', 'The webhook could not be stored. Send it again.', {
    headers: { 'retry-after': '2' },
    cause,
  })
}
