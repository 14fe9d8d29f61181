import type { BulkJobBody } from '../../contracts/http/bulk-jobs.ts'

const WIDTH = 32

/** One line: bar, rows, rate and time left. */
export function progressLine(job: BulkJobBody): string {
  const { total } = job.counts
  const settled =
    job.counts.success + job.counts.failed + job.counts.unprocessed + job.counts.unknown
  const rows = Math.max(job.progress.rows, settled)
  const share = total === 0 ? 1 : rows / total
  const filled = Math.round(share * WIDTH)
  const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
  const rate =
    job.progress.rate === null
      ? ''
      : `  ${Math.round(job.progress.rate).toLocaleString('en')} rows/s`
  const eta =
    job.progress.eta_seconds === null ? '' : `  ${Math.ceil(job.progress.eta_seconds)} s left`
  return `  ${bar} ${rows.toLocaleString('en')} / ${total.toLocaleString('en')}${rate}${eta}  ${job.state}`
}

/** Draws over the same line in a terminal; elsewhere prints a line only when the state changes. */
export function createProgressBar(output: NodeJS.WriteStream) {
  let lastState = ''
  return {
    draw(job: BulkJobBody): void {
      if (output.isTTY) output.write(`\r\x1b[2K${progressLine(job)}`)
      else if (job.state !== lastState) output.write(`${progressLine(job)}\n`)
      lastState = job.state
    },
    end(): void {
      if (output.isTTY) output.write('\n')
    },
  }
}
