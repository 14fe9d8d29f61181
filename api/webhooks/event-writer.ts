import type { Logger } from 'pino'
import type { Database } from '../../db/database.ts'
import { createWebhookEventQueries, type NewWebhookEvent } from '../../db/webhook-events.ts'
import type { PumpTrigger } from '../../temporal/pump-trigger.ts'
import { ApiError } from '../errors.ts'
import { isDatabaseUnavailable } from '../unavailable.ts'
import { claimIntakes, type KeyedIntake } from './claim-intakes.ts'
import { isRefusedValue } from './is-refused-value.ts'

/** What is taken in once: a webhook, or a notification of an outbound message. */
export interface Intake extends KeyedIntake {
  readonly events: readonly NewWebhookEvent[]
}

export interface EventWriter {
  /**
   * Stores what has not been taken in before, all of it in one transaction, and says of each whether it was new.
   * @throws {ApiError} `service_unavailable` where it may not have been stored, `invalid_request` where it never will
   */
  write(workspaceId: string, intakes: readonly Intake[]): Promise<readonly boolean[]>
}

interface Waiting {
  readonly intakes: readonly Intake[]
  readonly done: (isNew: readonly boolean[]) => void
  readonly failed: (error: unknown) => void
}

interface Lane {
  readonly waiting: Waiting[]
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
/** Events of a transaction, unless one request has more. */
const MOST_EVENTS = 1_000
/** Requests of a workspace that wait; more are sent away, to come again. */
const MOST_WAITING = 2_000
/** Longer than this nobody is kept waiting. */
const PATIENCE_MS = 15_000

/**
 * Writes events. Requests that come while others are being written go into one transaction together, as each commit
 * waits for the disk: so it holds many times the rate of one transaction a request.
 */
export function createEventWriter(deps: {
  readonly database: Pick<Database, 'workspace'>
  readonly pumpTrigger: Pick<PumpTrigger, 'trigger'>
  readonly logger: Logger
}): EventWriter {
  const lanes = new Map<string, Lane>()

  async function store(workspaceId: string, group: readonly Waiting[]): Promise<void> {
    const intakes = group.flatMap((waiting) => waiting.intakes)
    const stored = await deps.database.workspace(workspaceId).transaction(async (transaction) => {
      const fresh = await claimIntakes(transaction, workspaceId, intakes)
      const events = intakes.flatMap((intake, place) => (fresh.has(place) ? intake.events : []))
      if (events.length > 0) await createWebhookEventQueries(transaction).insertAll(events)
      return { fresh, events }
    })
    let place = 0
    for (const waiting of group) {
      waiting.done(waiting.intakes.map(() => stored.fresh.has(place++)))
    }
    const shards = new Set(stored.events.map(({ shard }) => shard))
    if (shards.size > 0) deps.pumpTrigger.trigger(shards)
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
        await store(workspaceId, [waiting]).catch(waiting.failed)
      }
    }
  }

  function takeGroup({ waiting }: Lane): readonly Waiting[] {
    let events = 0
    const length = waiting.findIndex(({ intakes }, place) => {
      events += intakes.reduce((sum, intake) => sum + intake.events.length, 0)
      return place > 0 && events > MOST_EVENTS
    })
    return waiting.splice(0, length < 0 ? waiting.length : length)
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
      schedule(workspaceId, lane)
    })
  }

  return {
    async write(workspaceId, intakes) {
      const lane = lanes.get(workspaceId) ?? {
        ...{ waiting: [], storing: 0, timer: null, takenAt: Number.NEGATIVE_INFINITY },
      }
      lanes.set(workspaceId, lane)
      if (lane.waiting.length >= MOST_WAITING) throw notStored(new Error('Too many wait.'))
      const outcome = new Promise<readonly boolean[]>((done, failed) => {
        lane.waiting.push({ intakes, done, failed })
      })
      schedule(workspaceId, lane)
      return within(PATIENCE_MS, outcome)
    },
  }
}

async function within<T>(ms: number, outcome: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Not stored within ${ms} ms.`)), ms)
  })
  try {
    return await Promise.race([outcome, late])
  } catch (error) {
    throw notStored(error)
  } finally {
    clearTimeout(timer)
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
