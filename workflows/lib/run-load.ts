import { CancellationScope, isCancellation } from '@temporalio/workflow'
import type { LoadReference, LoadSummary } from '../../contracts/bulk-job-steps.ts'
import { database, looks, rows, transfers } from '../proxies.ts'
import type { BlockGate } from './block-gate.ts'
import type { LoadBoard } from './load-board.ts'

export interface RunLoadTools {
  readonly jobId: string
  readonly gate: BlockGate
  readonly board: LoadBoard
}

/** A load at work. `mayStop` says whether it can be left between two steps without an abort upstream. */
export interface RunningLoad {
  readonly done: Promise<void>
  /** True while no mutating activity runs. */
  isIdle(): boolean
  /** True while it has not begun to send. */
  isWaiting(): boolean
  /** Leaves the load where it is; the rows tell a later run how to go on. */
  leave(): void
  /** Stops it upstream, then settles what was written. */
  abort(): void
}

export function runLoad(load: LoadSummary, tools: RunLoadTools): RunningLoad {
  const { jobId, gate, board } = tools
  const reference: LoadReference = { jobId, loadNumber: load.loadNumber }
  const name = `load ${load.loadNumber}: rows ${load.firstRow}–${load.lastRow}`
  const scope = new CancellationScope()
  let aborting = false
  let waiting = true
  let mutating = false

  async function mutate<T>(step: () => Promise<T>): Promise<T> {
    mutating = true
    try {
      return await step()
    } finally {
      mutating = false
    }
  }

  async function send(): Promise<void> {
    board.setLoad(load.loadNumber, 'waiting', 'for a lane')
    await gate.run(() =>
      looks.leaseLoad.executeWithOptions({ summary: `${name}: lane` }, [reference]),
    )
    waiting = false
    board.setLoad(load.loadNumber, 'sending', '')
    const sent = await mutate(() =>
      gate.run(() =>
        transfers().sendLoad.executeWithOptions({ summary: `${name}: send` }, [reference]),
      ),
    )
    board.setLoad(load.loadNumber, 'processing', sent.salesforceJobId)
    await poll()
  }

  async function poll(): Promise<void> {
    await gate.run(() =>
      looks.pollLoad.executeWithOptions({ summary: `${name}: progress` }, [reference]),
    )
  }

  async function settle(): Promise<void> {
    board.setLoad(load.loadNumber, 'settling', '')
    await mutate(() =>
      gate.run(() =>
        transfers().settleLoad.executeWithOptions({ summary: `${name}: results` }, [reference]),
      ),
    )
  }

  async function abort(): Promise<void> {
    board.setLoad(load.loadNumber, 'aborting', '')
    const aborted = await gate.run(() =>
      rows.abortLoad.executeWithOptions({ summary: `${name}: abort` }, [reference]),
    )
    if (aborted.status === 'closed') {
      await poll()
      await settle()
    }
  }

  async function run(): Promise<void> {
    try {
      await scope.run(send)
      await settle()
    } catch (error) {
      if (!isCancellation(error)) throw error
      if (aborting) await abort()
      else await database.releaseLoad(reference)
    } finally {
      board.removeLoad(load.loadNumber)
    }
  }

  return {
    done: run(),
    isIdle: () => !mutating,
    isWaiting: () => waiting,
    leave: () => scope.cancel(),
    abort() {
      aborting = true
      scope.cancel()
    },
  }
}
