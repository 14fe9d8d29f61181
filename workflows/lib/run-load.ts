import { CancellationScope, isCancellation } from '@temporalio/workflow'
import type { LoadReference, LoadSummary } from '../../contracts/bulk-job-steps.ts'
import { database, looks, rows, transfers } from '../proxies.ts'
import type { BlockGate } from './block-gate.ts'
import type { LoadBoard } from './load-board.ts'

/**
 * Before the usual 3. Where transfers wait for a place, a load that is sent gives Salesforce work, and one that
 * is settled gives it none. Settling is not starved: loads that settle keep others from being begun.
 */
const BEFORE_SETTLING = { priorityKey: 2 }

export interface RunLoadTools {
  readonly jobId: string
  readonly gate: BlockGate
  readonly board: LoadBoard
  /** Salesforce has ended the load's job: another load may use the lane. */
  readonly onLaneFree: () => void
}

/** A load at work. */
export interface RunningLoad {
  readonly done: Promise<void>
  /** True while it can be left: no mutating activity runs, and it was not left before. */
  isIdle(): boolean
  /** True while nothing of it was ever sent and it waits for a lane. */
  isWaiting(): boolean
  /** True until Salesforce has ended its job: from then on it only settles. */
  usesLane(): boolean
  /** Leaves the load where it is; the rows tell a later run how to go on. */
  leave(): void
  /** Stops it upstream, then settles what was written. Calling it again changes nothing. */
  abort(): void
}

export function runLoad(load: LoadSummary, tools: RunLoadTools): RunningLoad {
  const { jobId, gate, board, onLaneFree } = tools
  const reference: LoadReference = { jobId, loadNumber: load.loadNumber }
  const name = `load ${load.loadNumber}: rows ${load.firstRow}–${load.lastRow}`
  const forwards = new CancellationScope()
  const backwards = new CancellationScope()
  let aborting = false
  let left = false
  let waiting = load.state === 'planned'
  let mutating = false
  let usesLane = true

  /** A mutating step. While the gate holds it back nothing runs, and the load can be left. */
  function mutate<T>(step: () => Promise<T>): Promise<T> {
    return gate.run(async () => {
      mutating = true
      try {
        return await step()
      } finally {
        mutating = false
      }
    })
  }

  async function goForwards(): Promise<void> {
    board.setLoad(load.loadNumber, 'waiting', 'for a lane')
    await gate.run(() =>
      looks.leaseLoad.executeWithOptions({ summary: `${name}: lane` }, [reference]),
    )
    waiting = false
    board.setLoad(load.loadNumber, 'sending', '')
    const sent = await mutate(() =>
      transfers().sendLoad.executeWithOptions(
        { summary: `${name}: send`, priority: BEFORE_SETTLING },
        [reference],
      ),
    )
    if (sent.status === 'settled') return
    board.setLoad(load.loadNumber, 'processing', sent.salesforceJobId)
    await pollAndSettle()
  }

  async function pollAndSettle(): Promise<void> {
    for (;;) {
      const polled = await gate.run((holds) =>
        looks.pollLoad.executeWithOptions({ summary: `${name}: progress` }, [
          { ...reference, holdsJob: holds },
        ]),
      )
      // Underway: the look that ended a block; the step must end with it, for the job to be told.
      if (polled.upstreamState !== 'Underway') break
    }
    board.setLoad(load.loadNumber, 'settling', '')
    if (usesLane) {
      usesLane = false
      // Before the results are asked for: Salesforce is idle until the next load is there, and we are not.
      onLaneFree()
    }
    await mutate(() =>
      CancellationScope.nonCancellable(() =>
        transfers().settleLoad.executeWithOptions({ summary: `${name}: results` }, [reference]),
      ),
    )
  }

  async function goBackwards(): Promise<void> {
    board.setLoad(load.loadNumber, 'aborting', '')
    const aborted = await mutate(() =>
      rows.abortLoad.executeWithOptions({ summary: `${name}: abort` }, [reference]),
    )
    if (aborted.status === 'closed') await pollAndSettle()
  }

  async function run(): Promise<void> {
    try {
      if (!(await finishes(forwards, goForwards)) && aborting && !left) {
        await finishes(backwards, goBackwards)
      }
      // One that was begun keeps its lane for the run that follows: its job in Salesforce goes on.
      if (left && waiting) await database.releaseLoad(reference)
    } finally {
      board.removeLoad(load.loadNumber)
    }
  }

  return {
    done: run(),
    isIdle: () => !mutating && !left,
    isWaiting: () => waiting && !left,
    usesLane: () => usesLane,
    leave() {
      left = true
      forwards.cancel()
      backwards.cancel()
    },
    abort() {
      aborting = true
      forwards.cancel()
    },
  }
}

/** False where the scope was cancelled before its work was done. */
async function finishes(scope: CancellationScope, work: () => Promise<void>): Promise<boolean> {
  try {
    await scope.run(work)
    return true
  } catch (error) {
    if (!isCancellation(error)) throw error
    return false
  }
}
