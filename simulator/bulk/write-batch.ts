import { makeId } from '../ids.ts'
import type { WriteContext } from '../rules/object-rules.ts'
import type { Job, JobBatch } from '../store/job-store.ts'
import type { RecordStore } from '../store/record-store.ts'
import type { RecordWriter, WriteResult } from '../store/record-writer.ts'
import { type RowError, renderRowError, rowError } from '../values/row-error.ts'
import type { ColumnPlan } from './column-plan.ts'
import { csvLine, DELIMITERS, LINE_ENDINGS } from './csv.ts'
import type { PreparedRow } from './prepare-row.ts'
import type { RowFaults } from './row-faults.ts'

/** Rows that the org saves together: two of them may not carry one external id. */
const CHUNK_ROWS = 200

/** One internal batch, coerced and ready to be written. */
export interface PreparedBatch {
  readonly job: Job
  readonly plan: ColumnPlan
  /** The 0-based place of the first row in the whole file. */
  readonly offset: number
  readonly rows: readonly PreparedRow[]
  readonly cells: readonly (readonly string[])[]
  /** The order of the echoed columns. */
  readonly columnOrder: readonly number[]
  /** The order of the result lines. */
  readonly rowOrder: readonly number[]
}

export interface WriteBatchDeps {
  readonly store: RecordStore
  readonly writer: RecordWriter
  readonly faults: RowFaults
}

/** Writes a batch's rows and gives their result lines. Must run inside a transaction. */
export function writeBatch(deps: WriteBatchDeps, batch: PreparedBatch, seq: number): JobBatch {
  const results: WriteResult[] = []
  let keys = new Set<string>()
  for (let index = 0; index < batch.rows.length; index += 1) {
    if (index % CHUNK_ROWS === 0) keys = new Set()
    results.push(writeRow(deps, batch, index, keys))
  }
  return { seq, ...render(batch, results) }
}

function writeRow(
  deps: WriteBatchDeps,
  batch: PreparedBatch,
  index: number,
  keys: Set<string>,
): WriteResult {
  const { job, plan } = batch
  const row = batch.rows[index]
  if (row === undefined) throw new Error(`batch has no row ${index}`)
  const { values } = row
  const id = values['Id'] ?? null
  const shownId = typeof id === 'string' && job.operation !== 'insert' ? id : null
  const error =
    row.error ??
    deps.faults.check(batch.offset + index, batch.cells[index] ?? []) ??
    resolveLookups(deps, plan, row) ??
    (job.operation === 'upsert' ? repeatedKey(plan, row, keys) : null)
  if (error !== null) return { ok: false, error, id: shownId }
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

function resolveLookups(deps: WriteBatchDeps, plan: ColumnPlan, row: PreparedRow): RowError | null {
  for (const [index, value] of row.lookups) {
    const column = plan.columns[index]
    if (column === undefined || column.lookup === null) continue
    const { object, by } = column.lookup
    const [n] = deps.store.withKey(object, by.name, value)
    if (n === undefined) {
      return rowError(
        'INVALID_FIELD',
        `Foreign key external ID: ${value} not found for field ${by.name} in entity ${object.name}`,
      )
    }
    row.values[column.field.name] = makeId(object.keyPrefix, n)
  }
  return null
}

function repeatedKey(plan: ColumnPlan, row: PreparedRow, keys: Set<string>): RowError | null {
  const value = plan.key === null ? null : (row.values[plan.key.name] ?? null)
  if (plan.key === null || value === null) return null
  const key = String(value).toLowerCase()
  if (keys.has(key)) {
    return rowError(
      'DUPLICATE_VALUE',
      `Duplicate external id specified: ${String(value)}`,
      plan.key.name,
    )
  }
  keys.add(key)
  return null
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
