import {
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import { blockRemedy } from '../contracts/block-remedies.ts'
import type {
  BulkJobInput,
  BulkJobResult,
  BulkJobState,
  BulkJobWish,
} from '../contracts/bulk-job.ts'
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts'
import { createBlockGate } from './lib/block-gate.ts'
import { type BulkJobProgress, createLoadBoard } from './lib/load-board.ts'
import { createLoadsInFlight } from './lib/loads-in-flight.ts'
import { runLoad } from './lib/run-load.ts'
import { database, rows } from './proxies.ts'

/** Look at the job's row now. What a person wants is a column there: a reset applies signals again. */
export const wakeSignal = defineSignal('wake')
/** The whole state of the run, as the details show it. */
export const progressQuery = defineQuery<BulkJobProgress>('progress')

/**
 * Writes one bulk job to Salesforce. Bounded by the rows: it ends when every load is settled. It holds
 * nothing that the rows do not hold, so a reset, a second start or continue-as-new goes on from them.
 */
export async function bulkJob(input: BulkJobInput): Promise<BulkJobResult> {
  const { jobId } = input
  let wakes = 0
  let cancelRequested = false
  const board = createLoadBoard(jobId, () => setCurrentDetails(board.markdown()))

  setHandler(wakeSignal, () => {
    wakes += 1
  })
  setHandler(progressQuery, () => board.progress())
  CancellationScope.current().cancelRequested.catch(() => {
    cancelRequested = true
    wakes += 1
  })

  // Steps are never cut off by a cancellation of the run: it becomes a wish, and the loads are stopped in order.
  const result = await CancellationScope.nonCancellable(run)
  if (cancelRequested) throw new CancelledFailure(`Cancelled; the job ended ${result.state}.`)
  return result

  async function run(): Promise<BulkJobResult> {
    const gate = createBlockGate({
      wakes: () => wakes,
      async onBlocked({ reason, detail }) {
        board.setBlocked({ reason, detail, remedy: blockRemedy(reason) })
        show('Blocked')
        await database.blockBulkJob({ jobId, reason, detail })
      },
      async onUnblocked() {
        board.setBlocked(null)
        await database.beginBulkJob({ jobId })
        show('InProgress')
      },
    })
    const prepared = await gate.run(async () => {
      if (cancelRequested) await database.wishCancel({ jobId })
      return rows.prepareBulkJob.executeWithOptions({ summary: 'check and plan' }, [{ jobId }])
    })
    if (prepared.status === 'finished') {
      show(prepared.result.state)
      return prepared.result
    }
    board.describe(prepared)
    show('InProgress')
    await writeLoads(prepared.lanes)
    show('settling')
    const finished = await gate.run(() =>
      rows.finishBulkJob.executeWithOptions({ summary: 'add up' }, [{ jobId }]),
    )
    show(finished.state)
    return finished

    async function writeLoads(lanes: number): Promise<void> {
      let wakesSeen = wakes
      const inFlight = createLoadsInFlight({
        lanes,
        run: (load, onLaneFree) => runLoad(load, { jobId, gate, board, onLaneFree }),
        // A wake may mean another wish: the rows are read before anything else begins.
        offersHold: () => wakes === wakesSeen && !workflowInfo().continueAsNewSuggested,
      })

      for (;;) {
        wakesSeen = wakes
        const before = inFlight.withdraw()
        if (cancelRequested) await database.wishCancel({ jobId })
        const next = await database.nextLoads({
          jobId,
          inFlight: inFlight.numbers(),
          usingLanes: inFlight.usingLanes(),
          limit: inFlight.mostToOffer(),
        })
        board.setNext(next)
        const full = workflowInfo().continueAsNewSuggested

        // What was begun, perhaps by a run before this one, is brought to its end whatever is wished:
        // Salesforce keeps results for seven days only.
        const wanted = next.ready.filter((load) => next.wish === 'run' || load.state !== 'planned')
        if (!full) inFlight.offer(wanted)
        for (const load of inFlight.loads()) {
          if (next.wish === 'cancel') load.abort()
          if (full ? load.isIdle() : next.wish === 'pause' && load.isWaiting()) load.leave()
        }

        // A count that was read before a load ended does not know of the load that carries its failed rows.
        if (inFlight.loads().length === 0 && !inFlight.hasEndedSince(before)) {
          inFlight.throwDefect()
          if (next.remaining === 0 || (next.wish === 'cancel' && wanted.length === 0)) return
          if (full) await continueAsNew<typeof bulkJob>(input)
          if (next.wish === 'pause') {
            await pause()
            continue
          }
        }
        show(phaseOf(next.wish))
        // Loads that are not due yet, or wait for another retry to have ended in Salesforce.
        const heldBack = next.wish === 'run' && next.remaining > next.ready.length
        const changed = () =>
          wakes > wakesSeen ||
          inFlight.hasEndedSince(before) ||
          (heldBack && inFlight.lacksOfferSince(before)) ||
          (workflowInfo().continueAsNewSuggested && inFlight.loads().some((load) => load.isIdle()))
        if (next.dueInMs === null || !inFlight.hasRoom()) await condition(changed)
        else await condition(changed, Math.max(next.dueInMs, 100), { summary: 'next load due' })
      }

      async function pause(): Promise<void> {
        await database.pauseBulkJob({ jobId })
        show('Paused')
        await condition(() => wakes > wakesSeen)
        await database.beginBulkJob({ jobId })
        show('InProgress')
      }
    }
  }

  function show(phase: string): void {
    board.setPhase(phase)
    setCurrentDetails(board.markdown())
    showStatus(phase)
  }
}

function phaseOf(wish: BulkJobWish): string {
  switch (wish) {
    case 'run':
      return 'InProgress'
    case 'pause':
      return 'pausing'
    case 'cancel':
      return 'cancelling'
  }
}

const STATUSES: readonly BulkJobState[] = [
  'InProgress',
  'Paused',
  'Blocked',
  'Completed',
  'CompletedWithErrors',
  'Failed',
  'Aborted',
]

/** One history event a change of status, none for the phases within one. */
function showStatus(phase: string): void {
  const { searchAttributes } = workflowInfo()
  const shown = searchAttributes[SEARCH_ATTRIBUTES.status]?.[0]
  // Absent where the server has no such attributes: then nothing is upserted.
  if (shown === undefined || shown === phase) return
  if (STATUSES.some((status) => status === phase)) {
    upsertSearchAttributes({ [SEARCH_ATTRIBUTES.status]: [phase] })
  }
}
