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
import type { BulkJobInput, BulkJobResult, BulkJobState } from '../contracts/bulk-job.ts'
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts'
import { createBlockGate } from './lib/block-gate.ts'
import { type BulkJobProgress, createLoadBoard } from './lib/load-board.ts'
import { type RunningLoad, runLoad } from './lib/run-load.ts'
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
  const board = createLoadBoard(jobId)

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
    if (cancelRequested) await database.wishCancel({ jobId })
    const prepared = await gate.run(() =>
      rows.prepareBulkJob.executeWithOptions({ summary: 'check and plan' }, [{ jobId }]),
    )
    if (prepared.status === 'finished') {
      show(prepared.result.state)
      return prepared.result
    }
    board.describe(prepared)
    show('InProgress')
    await writeLoads(prepared.lanes)
    show('settling')
    const finished = await rows.finishBulkJob.executeWithOptions({ summary: 'add up' }, [{ jobId }])
    show(finished.state)
    return finished

    async function writeLoads(lanes: number): Promise<void> {
      const inFlight = new Map<number, RunningLoad>()
      let ended = 0
      let defect: unknown

      for (;;) {
        const wakesSeen = wakes
        const endedSeen = ended
        if (cancelRequested) await database.wishCancel({ jobId })
        const next = await database.nextLoads({
          jobId,
          inFlight: [...inFlight.keys()],
          limit: lanes,
        })
        board.setNext(next)

        if (next.wish === 'cancel') {
          show('cancelling')
          // A run before this one, ended or reset, may have begun loads that this one does not hold.
          const begun = next.ready.filter((load) => load.state !== 'planned')
          const stopping = [
            ...inFlight.values(),
            ...begun.map((load) => runLoad(load, { jobId, gate, board })),
          ]
          for (const load of stopping) load.abort()
          await Promise.all(stopping.map((load) => load.done))
          if (defect !== undefined) throw defect
          if (stopping.length === 0) return
          continue
        }
        const leaving = workflowInfo().continueAsNewSuggested || next.wish === 'pause'
        if (leaving) {
          for (const load of inFlight.values()) {
            if (next.wish === 'pause' ? load.isWaiting() : load.isIdle()) load.leave()
          }
        } else {
          for (const load of next.ready.slice(0, lanes - inFlight.size)) {
            const running = runLoad(load, { jobId, gate, board })
            inFlight.set(load.loadNumber, running)
            running.done
              .catch((error: unknown) => {
                defect ??= error
              })
              .finally(() => {
                inFlight.delete(load.loadNumber)
                ended += 1
              })
          }
        }
        if (inFlight.size === 0) {
          if (defect !== undefined) throw defect
          if (next.remaining === 0) return
          if (next.wish === 'pause') {
            await database.pauseBulkJob({ jobId })
            show('Paused')
            await condition(() => wakes > wakesSeen)
            await database.beginBulkJob({ jobId })
            show('InProgress')
            continue
          }
          if (leaving) await continueAsNew<typeof bulkJob>(input)
        }
        show(next.wish === 'pause' ? 'pausing' : 'InProgress')
        const changed = () => wakes > wakesSeen || ended > endedSeen
        if (next.dueInMs === null || inFlight.size >= lanes) await condition(changed)
        else await condition(changed, Math.max(next.dueInMs, 100), { summary: 'next load due' })
      }
    }
  }

  function show(phase: string): void {
    board.setPhase(phase)
    setCurrentDetails(board.markdown())
    showStatus(phase)
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
