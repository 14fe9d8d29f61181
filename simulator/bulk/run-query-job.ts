import { closeSync, openSync, renameSync, writeSync } from 'node:fs'
import { effectOf } from '../faults/fault.ts'
import { bulkPlan } from '../soql/bulk-query.ts'
import { parseSoql } from '../soql/parse.ts'
import { planQuery } from '../soql/plan-query.ts'
import { contextOf } from '../soql/query-context.ts'
import { createQueryRunner } from '../soql/query-runner.ts'
import { csvValue } from '../soql/render-value.ts'
import { SoqlError } from '../soql/soql-error.ts'
import type { Job } from '../store/job-store.ts'
import { csvLine, DELIMITERS, LINE_ENDINGS } from './csv.ts'
import { isMissingFile } from './is-missing-file.ts'
import { finishJob, type RunJobDeps, startJob, waitInProgress } from './run-ingest-job.ts'

/** Rows that are written before other jobs get their turn. */
const TURN_ROWS = 2_000
/** Bytes of one entry of the index of row starts. */
export const INDEX_ENTRY_BYTES = 8

/**
 * Runs a query job: its rows go to a file, the start of each row to an index beside it, so that a
 * page of any size can be read from any row. A job that was broken off begins again.
 */
export async function runQueryJob(deps: RunJobDeps, id: string): Promise<void> {
  const job = await startJob(deps, id)
  if (job === null) return
  const failure = effectOf(job.effects, 'fail_job')
  if (failure !== null) {
    finishJob(deps, id, { state: 'Failed', errorMessage: failure.message })
    return
  }
  try {
    const rows = await writeRows(deps, job)
    if (rows !== null) finishJob(deps, id, { state: 'JobComplete', processed: rows })
  } catch (error) {
    // A reset takes the files of a job that is running: nothing is left to do.
    if (isMissingFile(error) && deps.jobs.get(id)?.state !== 'InProgress') return
    // An object that a reset took away while the job waited.
    if (!(error instanceof SoqlError)) throw error
    finishJob(deps, id, { state: 'Failed', errorMessage: error.message })
  }
}

/** Gives the number of rows; `null` when the job was aborted or the org is stopping. */
async function writeRows(deps: RunJobDeps, job: Job): Promise<number | null> {
  const context = contextOf(deps.schema, deps.store, {
    now: Date.now(),
    user: job.createdBy,
    withDeleted: job.operation === 'queryAll',
  })
  // The route has checked the statement; the schema may only have grown since.
  const statement = parseSoql(job.query ?? '')
  const plan = bulkPlan(planQuery(deps.schema, statement, context), statement)
  const runner = createQueryRunner(deps.database)
  const numbers = runner.numbers(plan)
  const delimiter = DELIMITERS[job.columnDelimiter]
  const ending = LINE_ENDINGS[job.lineEnding]
  const path = deps.resultPath(job.id)
  const body = openSync(`${path}.part`, 'w')
  const index = openSync(`${path}.index`, 'w')
  const header = plan.cells.map((cell) => cell.header)
  let offset = 0
  let written = 0
  try {
    offset += writeSync(body, csvLine(header, delimiter, ending))
    for (let from = 0; from < numbers.length; from += TURN_ROWS) {
      const starts = Buffer.alloc(TURN_ROWS * INDEX_ENTRY_BYTES)
      const lines: Buffer[] = []
      for (const row of runner.rows(plan, numbers.subarray(from, from + TURN_ROWS))) {
        const cells = plan.cells.map((cell) => csvValue(cell, row, context))
        const line = Buffer.from(csvLine(cells, delimiter, ending))
        starts.writeBigUInt64LE(BigInt(offset), lines.length * INDEX_ENTRY_BYTES)
        offset += line.byteLength
        lines.push(line)
      }
      writeSync(body, Buffer.concat(lines))
      writeSync(index, starts, 0, lines.length * INDEX_ENTRY_BYTES)
      written += lines.length
      await new Promise((resolve) => setImmediate(resolve))
      const rate = deps.settings().bulkRowsPerSecond
      if (rate !== null) await waitInProgress(deps, job.id, (lines.length / rate) * 1_000)
      if (deps.stopping() || deps.jobs.get(job.id)?.state !== 'InProgress') return null
    }
  } finally {
    closeSync(body)
    closeSync(index)
  }
  renameSync(`${path}.part`, path)
  return written
}
