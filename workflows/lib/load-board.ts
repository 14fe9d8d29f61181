import type { OutcomeCounts } from '../../contracts/bulk-job.ts'
import type { LoadSummary, NextLoads } from '../../contracts/bulk-job-steps.ts'

export type LoadPhase = 'waiting' | 'sending' | 'processing' | 'settling' | 'aborting'

/** What an operator reads of a running job; carried in memory, rebuilt from the rows after a reset. */
export interface BulkJobProgress {
  readonly jobId: string
  readonly label: string
  readonly totalRecords: number
  readonly phase: string
  readonly loadsTotal: number
  readonly loadsSettled: number
  readonly counts: OutcomeCounts
  readonly inFlight: readonly {
    readonly loadNumber: number
    readonly phase: LoadPhase
    readonly note: string
  }[]
  readonly blocked: {
    readonly reason: string
    readonly detail: string
    readonly remedy: string
  } | null
}

const noCounts: OutcomeCounts = { success: 0, failed: 0, unprocessed: 0, unknown: 0 }

export type LoadBoard = ReturnType<typeof createLoadBoard>

/** `onChange` is told of each change of a load, so that what operators read is never behind. */
export function createLoadBoard(jobId: string, onChange: () => void) {
  let label = ''
  let totalRecords = 0
  let phase = 'preparing'
  let next: NextLoads | null = null
  let blocked: BulkJobProgress['blocked'] = null
  const inFlight = new Map<number, { phase: LoadPhase; note: string }>()

  return {
    describe(job: { label: string; totalRecords: number }): void {
      label = job.label
      totalRecords = job.totalRecords
    },
    setPhase(to: string): void {
      phase = to
    },
    setNext(read: NextLoads): void {
      next = read
    },
    setBlocked(to: BulkJobProgress['blocked']): void {
      blocked = to
    },
    setLoad(loadNumber: number, to: LoadPhase, note: string): void {
      inFlight.set(loadNumber, { phase: to, note })
      onChange()
    },
    removeLoad(loadNumber: number): void {
      inFlight.delete(loadNumber)
      onChange()
    },
    progress(): BulkJobProgress {
      return {
        jobId,
        label,
        totalRecords,
        phase,
        loadsTotal: next?.total ?? 0,
        loadsSettled: next?.settled ?? 0,
        counts: next?.counts ?? noCounts,
        inFlight: [...inFlight].map(([loadNumber, load]) => ({ loadNumber, ...load })),
        blocked,
      }
    },
    markdown(): string {
      const progress = this.progress()
      const { counts } = progress
      const lines = [
        `**${label || jobId}**: ${phase}`,
        '',
        `${totalRecords} rows in ${progress.loadsTotal} loads, ${progress.loadsSettled} settled: ` +
          `${counts.success} success, ${counts.failed} failed, ${counts.unprocessed} unprocessed, ${counts.unknown} unknown.`,
      ]
      if (blocked) {
        lines.push('', `> **Blocked: ${blocked.reason}.** ${blocked.detail} ${blocked.remedy}`)
      }
      lines.push('', '| load | rows | round | state | ok | failed | unproc. | unknown | again |')
      lines.push('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
      for (const load of next?.latest ?? [])
        lines.push(tableRow(load, inFlight.get(load.loadNumber)))
      return lines.join('\n')
    },
  }
}

function tableRow(load: LoadSummary, live: { phase: LoadPhase; note: string } | undefined): string {
  const state = live ? `${live.phase} ${live.note}`.trim() : load.state
  const { counts } = load
  return `| ${load.loadNumber} | ${load.firstRow}–${load.lastRow} (${load.rowCount}) | ${load.round} | ${state} | ${counts.success} | ${counts.failed} | ${counts.unprocessed} | ${counts.unknown} | ${load.retriedRecords} |`
}
