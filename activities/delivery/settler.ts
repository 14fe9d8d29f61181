import { setTimeout as sleep } from 'node:timers/promises'
import { isRefused } from '../webhook/is-refused.ts'
import type { DelivererOptions } from './deliverer.ts'
import { type SettledAttempt, type Settlement, settleAttempts } from './settle-attempts.ts'

/** Results written in one statement. */
const MOST_AT_ONCE = 200
/** A result waits so long for others, in milliseconds, unless a write is under way: then it waits for that. */
const GATHER_MS = 4
/** A write that fails is repeated for so long; after that claims run out, and others make the attempts again. */
const PATIENCE_MS = 10_000
const PAUSE_MS = 250

interface Waiting {
  readonly settled: SettledAttempt
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Writes results of many attempts at once: a write an attempt would be most of the work of a delivery. */
export function createSettler(options: DelivererOptions) {
  /** One a workspace: none waits for the locks of another. */
  const lanes = new Map<string, { waiting: Waiting[]; writing: Promise<void> | null }>()

  function start(workspaceId: string): void {
    const lane = lanes.get(workspaceId)
    if (lane === undefined || lane.writing !== null) return
    lane.writing = writeAll(workspaceId, lane).finally(() => {
      lane.writing = null
      if (lane.waiting.length > 0) start(workspaceId)
      else lanes.delete(workspaceId)
    })
  }

  async function writeAll(workspaceId: string, lane: { waiting: Waiting[] }): Promise<void> {
    await sleep(GATHER_MS)
    while (lane.waiting.length > 0) {
      const batch = lane.waiting.slice(0, MOST_AT_ONCE)
      lane.waiting = lane.waiting.slice(MOST_AT_ONCE)
      await writeFor(workspaceId, batch)
    }
  }

  async function writeFor(workspaceId: string, batch: readonly Waiting[]): Promise<void> {
    try {
      tell(workspaceId, await writePatiently(workspaceId, batch))
      for (const { resolve } of batch) resolve()
    } catch (error) {
      // One that the database does not take must not take the others with it. Where it cannot be reached, one by one would
      // only make the same wait once for each of them.
      if (batch.length > 1 && isRefused(error)) {
        for (const each of batch) await writeFor(workspaceId, [each])
        return
      }
      const bare = isRefused(error) ? batch.flatMap(withoutTexts) : []
      if (bare.length > 0) await writeFor(workspaceId, bare)
      else for (const { reject } of batch) reject(error)
    }
  }

  async function writePatiently(
    workspaceId: string,
    batch: readonly Waiting[],
  ): Promise<Settlement> {
    const database = options.database.workspace(workspaceId)
    const until = Date.now() + PATIENCE_MS
    for (;;) {
      try {
        return await settleAttempts(
          database,
          workspaceId,
          batch.map(({ settled }) => settled),
          options,
        )
      } catch (error) {
        if (isRefused(error) || Date.now() > until) throw error
        await sleep(PAUSE_MS)
      }
    }
  }

  function tell(workspaceId: string, { troubled, disabled }: Settlement): void {
    for (const subscriptionId of troubled) options.onTroubled(subscriptionId, workspaceId)
    if (troubled.length + disabled.length > 0) options.onOwnEvents()
  }

  return {
    /** Resolves when it is written. */
    settle(settled: SettledAttempt): Promise<void> {
      const { workspaceId } = settled.attempt.result
      const lane = lanes.get(workspaceId) ?? { waiting: [], writing: null }
      lanes.set(workspaceId, lane)
      return new Promise((resolve, reject) => {
        lane.waiting.push({ settled, resolve, reject })
        start(workspaceId)
      })
    },

    async close(): Promise<void> {
      while (lanes.size > 0) {
        await Promise.all([...lanes.values()].map(({ writing }) => writing))
      }
    },
  }
}

/** What came from outside is all that can be at fault: better an attempt without it than one that is made for ever. */
function withoutTexts(waiting: Waiting): Waiting[] {
  const { attempt, target } = waiting.settled
  const { responseBody, errorMessage } = attempt.result
  if (responseBody === null && errorMessage === null) return []
  const result = { ...attempt.result, responseBody: null, errorMessage: null }
  return [{ ...waiting, settled: { target, attempt: { ...attempt, result } } }]
}
