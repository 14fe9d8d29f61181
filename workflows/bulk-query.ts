import {
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import { blockRemedy } from '../contracts/block-remedies.ts'
import {
  type BulkQueryInput,
  type BulkQueryProgress,
  hasBulkQueryEnded,
} from '../contracts/bulk-query.ts'
import { createBlockGate } from './lib/block-gate.ts'
import { database, looks, rows, transfers } from './proxies.ts'

const wakeSignal = defineSignal('wake')
const progressQuery = defineQuery<BulkQueryProgress | null>('progress')

/**
 * Reads the records of one query out of Salesforce. It holds nothing that the row does not hold: a reset, a second
 * start or a run that follows goes on from there. Cancelling the run cancels the query.
 */
export async function bulkQuery({
  workspaceId,
  queryId,
}: BulkQueryInput): Promise<BulkQueryProgress> {
  const input: BulkQueryInput = { workspaceId, queryId }
  let wakes = 0
  let cancelRequested = false
  let progress: BulkQueryProgress | null = null
  setHandler(wakeSignal, () => {
    wakes += 1
  })
  setHandler(progressQuery, () => progress)
  CancellationScope.current().cancelRequested.catch(() => {
    cancelRequested = true
    wakes += 1
  })

  // Its steps are stopped in order, and the row is told, also where the run is cancelled.
  const result = await CancellationScope.nonCancellable(run)
  if (cancelRequested) throw new CancelledFailure(`Cancelled; the query ended ${result.state}.`)
  return result

  async function run(): Promise<BulkQueryProgress> {
    const gate = createBlockGate({
      wakes: () => wakes,
      async onBlocked({ reason, detail }) {
        show(`Blocked: ${reason}. ${blockRemedy(reason)}`)
        await database.blockBulkQuery({ ...input, reason, detail })
      },
      async onUnblocked() {
        note(await database.beginBulkQuery(input))
      },
    })
    let wakesSeen = wakes
    let isOver = false
    const begun = note(await database.beginBulkQuery(input))
    if (hasBulkQueryEnded(begun.state)) return begun
    if (begun.wish === 'cancel' || cancelRequested) return cancel()
    const forwards = new CancellationScope()
    const work = forwards
      .run(() => readToTheEnd(begun))
      .finally(() => {
        isOver = true
      })
    // Waited for below; until then its failure has a handler.
    work.catch(() => {})
    let isCancelled = false
    while (!isOver && !isCancelled) {
      await condition(() => isOver || wakes > wakesSeen || workflowInfo().continueAsNewSuggested)
      if (isOver) break
      if (workflowInfo().continueAsNewSuggested) {
        forwards.cancel()
        break
      }
      wakesSeen = wakes
      isCancelled = cancelRequested || (await database.lookAtBulkQuery(input)).wish === 'cancel'
      if (isCancelled) forwards.cancel()
    }
    try {
      return await work
    } catch (error) {
      if (!isCancellation(error)) throw error
    }
    if (!isCancelled && !cancelRequested) await continueAsNew<typeof bulkQuery>(input)
    return cancel()

    /** Step by step, as the row says; Salesforce may lose a job, and another one is begun then. */
    async function readToTheEnd(first: BulkQueryProgress): Promise<BulkQueryProgress> {
      let now = first
      while (!hasBulkQueryEnded(now.state)) now = note(await step(now))
      return now
    }

    function step(now: BulkQueryProgress): Promise<BulkQueryProgress> {
      switch (now.upstream) {
        case 'none':
        case 'creating':
          return gate.run(() =>
            looks.createQueryJob.executeWithOptions({ summary: 'begin' }, [input]),
          )
        case 'created':
          return gate.run((holds) =>
            looks.pollQueryJob.executeWithOptions({ summary: 'progress' }, [
              { ...input, holdsJob: holds },
            ]),
          )
        case 'complete':
          return gate.run(() =>
            transfers().readQueryResults.executeWithOptions({ summary: 'results' }, [input]),
          )
      }
    }
  }

  async function cancel(): Promise<BulkQueryProgress> {
    return note(await rows.cancelBulkQuery.executeWithOptions({ summary: 'cancel' }, [input]))
  }

  function note(now: BulkQueryProgress): BulkQueryProgress {
    progress = now
    show(now.state)
    return now
  }

  function show(phase: string): void {
    setCurrentDetails(
      [
        `Query \`${queryId}\`: ${phase}`,
        '',
        '| Salesforce’s job | its state | pages kept | records kept |',
        '|---|---|---|---|',
        `| ${progress?.salesforceJobId ?? 'none yet'} | ${progress?.upstream ?? 'none'} | ${progress?.pages ?? 0} | ${progress?.records ?? 0} |`,
        '',
        'The signal `wake` makes it look at its row now; cancelling the run cancels the query.',
      ].join('\n'),
    )
  }
}
