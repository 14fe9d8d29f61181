import { closeSync, openSync, renameSync, writeSync } from 'node:fs'
import { effectOf } from '../faults/fault.ts'
import { makeId } from '../ids.ts'
import { parseSoql } from '../soql/parse.ts'
import { fieldValue } from '../soql/record-json.ts'
import { planQuery } from '../soql/to-sql.ts'
import type { Job } from '../store/job-store.ts'
import { renderCell } from '../values/render.ts'
import { csvLine, DELIMITERS, LINE_ENDINGS } from './csv.ts'
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
  const rows = await writeRows(deps, job)
  if (rows !== null) finishJob(deps, id, { state: 'JobComplete', processed: rows })
}

/** Gives the number of rows; `null` when the job was aborted or the org is stopping. */
async function writeRows(deps: RunJobDeps, job: Job): Promise<number | null> {
  // The route has checked the statement; the schema may only have grown since.
  const statement = parseSoql(job.query ?? '')
  const query = planQuery(deps.schema, statement, job.operation === 'queryAll')
  const fields = query.fields ?? []
  const delimiter = DELIMITERS[job.columnDelimiter]
  const ending = LINE_ENDINGS[job.lineEnding]
  const numbers = deps.database.prepare(query.sql).all(...query.parameters)
  const path = deps.resultPath(job.id)
  const body = openSync(`${path}.part`, 'w')
  const index = openSync(`${path}.index`, 'w')
  let offset = 0
  try {
    offset += writeSync(
      body,
      csvLine(
        fields.map((field) => field.name),
        delimiter,
        ending,
      ),
    )
    for (let from = 0; from < numbers.length; from += TURN_ROWS) {
      const turn = numbers.slice(from, from + TURN_ROWS)
      const starts = Buffer.alloc(turn.length * INDEX_ENTRY_BYTES)
      const lines = turn.map((row, place) => {
        const record = deps.store.get(
          query.object,
          makeId(query.object.keyPrefix, Number(row['n'])),
        )
        const cells = fields.map((field) =>
          record === null ? '' : renderCell(fieldValue(query.object, record, field)),
        )
        const line = Buffer.from(csvLine(cells, delimiter, ending))
        starts.writeBigUInt64LE(BigInt(offset), place * INDEX_ENTRY_BYTES)
        offset += line.byteLength
        return line
      })
      writeSync(body, Buffer.concat(lines))
      writeSync(index, starts)
      await new Promise((resolve) => setImmediate(resolve))
      const rate = deps.settings().bulkRowsPerSecond
      if (rate !== null) await waitInProgress(deps, job.id, (turn.length / rate) * 1_000)
      if (deps.stopping() || deps.jobs.get(job.id)?.state !== 'InProgress') return null
    }
  } finally {
    closeSync(body)
    closeSync(index)
  }
  renameSync(`${path}.part`, path)
  return numbers.length
}
