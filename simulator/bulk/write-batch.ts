import type { WriteContext } from '../rules/object-rules.ts'
import type { Job, JobBatch } from '../store/job-store.ts'
import type { RecordWriter, WriteResult } from '../store/record-writer.ts'
import { type RowError, renderRowError, rowError } from '../values/row-error.ts'
import type { ColumnPlan } from './column-plan.ts'
import { csvLine, DELIMITERS, LINE_ENDINGS } from './csv.ts'
import type { IdLookup } from './id-lookup.ts'
import type { PreparedRow } from './prepare-row.ts'
import { resolveLookups } from './resolve-lookups.ts'
import type { RowFaults } from './row-faults.ts'

/** Rows that the org saves together: two of them may not name one record. */
const CHUNK_ROWS = 200

/** One internal batch, coerced and ready to be written. */
export interface PreparedBatch {
  readonly job: Job
  readonly plan: ColumnPlan
  /** The 0-based place of the first row in the whole file. */
  readonly firstRow: number
  readonly rows: readonly PreparedRow[]
  readonly cells: readonly (readonly string[])[]
  /** Rows that lost against a batch which holds what they need, by their place in the batch. */
  readonly lockErrors: ReadonlyMap<number, RowError>
  /** The order of the echoed columns. */
  readonly columnOrder: readonly number[]
  /** The order of the result lines. */
  readonly rowOrder: readonly number[]
  /** Milliseconds that went into it before it is written. */
  readonly preparedMs: number
}

export interface WriteBatchDeps {
  readonly lookup: IdLookup
  readonly writer: RecordWriter
  readonly faults: RowFaults
}

/** Writes a batch's rows and gives their result lines. Must run inside a transaction. */
export function writeBatch(deps: WriteBatchDeps, batch: PreparedBatch): JobBatch {
  const { rows, plan } = batch
  const results: WriteResult[] = []
  const named = plan.columns.some((column) => column.lookup !== null)
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
    const to = Math.min(from + CHUNK_ROWS, rows.length)
    // Before any of them is written: a row cannot name another row of its own chunk.
    const unresolved = named ? resolveChunk(deps, batch, from, to) : null
    const seen = new Set<string>()
    for (let index = from; index < to; index += 1) {
      const row = rows[index]
      if (row === undefined) throw new Error(`batch has no row ${index}`)
      const error =
        row.error ??
        deps.faults.check(batch.firstRow + index, batch.cells[index] ?? [], row) ??
        batch.lockErrors.get(index) ??
        unresolved?.get(index) ??
        repeated(batch, row, seen)
      results.push(error === null ? writeRow(deps, batch, row) : refused(batch.job, row, error))
    }
  }
  return { firstRow: batch.firstRow, ...render(batch, results) }
}

/** Finds the parents that the rows of a chunk name; gives the rows where that fails. */
function resolveChunk(
  deps: WriteBatchDeps,
  { rows, plan }: PreparedBatch,
  from: number,
  to: number,
): ReadonlyMap<number, RowError> {
  const errors = new Map<number, RowError>()
  for (let index = from; index < to; index += 1) {
    const row = rows[index]
    if (row === undefined || row.error !== null || row.lookups.length === 0) continue
    const error = resolveLookups(deps.lookup, plan, row, row.values)
    if (error !== null) errors.set(index, error)
  }
  return errors
}

function refused(job: Job, { values }: PreparedRow, error: RowError): WriteResult {
  const id = values['Id']
  return { ok: false, error, id: typeof id === 'string' && job.operation !== 'insert' ? id : null }
}

function writeRow(
  deps: WriteBatchDeps,
  { job, plan }: PreparedBatch,
  row: PreparedRow,
): WriteResult {
  const { values } = row
  const id = values['Id'] ?? null
  const context: WriteContext = { stamp: { at: Date.now(), by: job.createdBy }, source: 'bulk' }
  switch (job.operation) {
    case 'insert':
      return deps.writer.insert(plan.object, values, context)
    case 'update': {
      const { Id: _, ...others } = values
      return deps.writer.update(plan.object, id, others, context)
    }
    case 'upsert':
      if (plan.key === null) throw new Error(`upsert job ${job.id} has no key`)
      return deps.writer.upsert(plan.object, plan.key, values, context)
    case 'delete':
      return deps.writer.delete(plan.object, id, false, context)
    case 'hardDelete':
      return deps.writer.delete(plan.object, id, true, context)
    case 'query':
    case 'queryAll':
      throw new Error(`job ${job.id} writes nothing`)
  }
}

/** The second row of a chunk that names the same record, by its id or by its external id. */
function repeated({ job, plan }: PreparedBatch, row: PreparedRow, seen: Set<string>) {
  if (job.operation === 'insert') return null
  const field = plan.key?.name ?? 'Id'
  const value = row.values[field] ?? null
  if (value === null) return null
  // Ids differ by case alone; external ids do only where the field says so.
  const exact = field === 'Id' || plan.key?.caseSensitive === true
  const key = exact ? String(value) : String(value).toLowerCase()
  if (!seen.has(key)) {
    seen.add(key)
    return null
  }
  const what = field === 'Id' ? 'id' : 'external id'
  return rowError('DUPLICATE_VALUE', `Duplicate ${what} specified: ${String(value)}`, field)
}

function render(batch: PreparedBatch, results: readonly WriteResult[]) {
  const delimiter = DELIMITERS[batch.job.columnDelimiter]
  const ending = LINE_ENDINGS[batch.job.lineEnding]
  let successfulCsv = ''
  let failedCsv = ''
  let failed = 0
  for (const index of batch.rowOrder) {
    const result = results[index]
    const echo = batch.rows[index]?.echo
    if (result === undefined || echo === undefined) continue
    const cells = result.ok
      ? [result.id, result.created ? 'true' : 'false']
      : [result.id ?? '', renderRowError(result.error)]
    for (const column of batch.columnOrder) cells.push(echo[column] ?? '')
    const line = csvLine(cells, delimiter, ending)
    if (result.ok) successfulCsv += line
    else {
      failedCsv += line
      failed += 1
    }
  }
  return { rows: results.length, failed, successfulCsv, failedCsv }
}
