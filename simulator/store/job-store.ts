import type { DatabaseSync } from 'node:sqlite'
import type { ColumnDelimiter, LineEnding } from '../bulk/csv.ts'
import type { JobEffect } from '../faults/fault.ts'
import { canonicalId, makeId } from '../ids.ts'

export const JOB_KEY_PREFIX = '750'

export type JobState =
  | 'Open'
  | 'UploadComplete'
  | 'InProgress'
  | 'JobComplete'
  | 'Failed'
  | 'Aborted'
export type IngestOperation = 'insert' | 'update' | 'upsert' | 'delete' | 'hardDelete'
export type QueryOperation = 'query' | 'queryAll'

/** A Bulk API 2.0 job; times in milliseconds since 1970. */
export interface Job {
  readonly n: number
  readonly id: string
  readonly kind: 'ingest' | 'query'
  readonly operation: IngestOperation | QueryOperation
  readonly object: string
  readonly state: JobState
  readonly apiVersion: number
  readonly externalIdField: string | null
  readonly assignmentRuleId: string | null
  readonly columnDelimiter: ColumnDelimiter
  readonly lineEnding: LineEnding
  readonly query: string | null
  /** Seeds the order of echoed columns, the same in all files of the job; `null` for none. */
  readonly columnSeed: number | null
  /** `null` until the upload is complete. */
  readonly uploadedBytes: number | null
  /** Rows that were tried, failed ones included. */
  readonly processed: number
  readonly failed: number
  readonly retries: number
  readonly activeMs: number
  readonly errorMessage: string | null
  readonly created: number
  /** Number of the User record that made the job. */
  readonly createdBy: number
  readonly modified: number
  readonly started: number | null
  readonly finished: number | null
  /** Milliseconds from its start to its end, or to now; 0 before it has started. */
  readonly processingMs: number
  /** Faults that the job carries with it. */
  readonly effects: readonly JobEffect[]
}

export type NewJob = Pick<
  Job,
  | 'kind'
  | 'operation'
  | 'object'
  | 'state'
  | 'apiVersion'
  | 'externalIdField'
  | 'assignmentRuleId'
  | 'columnDelimiter'
  | 'lineEnding'
  | 'query'
  | 'createdBy'
> &
  Partial<Pick<Job, 'columnSeed'>>

/** What may change in a job's row. */
export type JobChange = Partial<
  Pick<
    Job,
    | 'state'
    | 'uploadedBytes'
    | 'processed'
    | 'failed'
    | 'retries'
    | 'activeMs'
    | 'errorMessage'
    | 'started'
    | 'finished'
    | 'effects'
    | 'object'
  >
>

/** Rows of a job's file that are committed. */
export interface BatchRange {
  /** The 0-based place of the batch's first row in the file; no two batches of a job share it. */
  readonly firstRow: number
  readonly rows: number
}

/** One internal batch with its result lines. */
export interface JobBatch extends BatchRange {
  readonly failed: number
  readonly successfulCsv: string
  readonly failedCsv: string
}

/** How long a job can be asked for after its end. */
const LIFE_MS = 7 * 24 * 3_600_000

/** Jobs that ended more than seven days ago are gone for every reader. */
export interface JobStore {
  /** The time that jobs go by: tests may move it, so that jobs grow old. */
  now(): number
  create(job: NewJob): Job
  /** By its id of 15 or of 18 characters. */
  get(id: string): Job | null
  /** A job that reaches a final state ends now, whatever `finished` says. */
  update(id: string, change: JobChange): void
  remove(id: string): void
  /** Jobs of a kind numbered above `after`, oldest first. */
  list(kind: Job['kind'], after: number, limit: number): Job[]
  recent(limit: number): Job[]
  /** Jobs whose processing is due or was broken off. */
  unfinished(): Job[]
  /** Ids of jobs whose time is over, and that still take room. */
  expired(): string[]
  addBatch(job: Job, batch: JobBatch): void
  /** Committed batches in the order of their rows. */
  batches(job: Job): BatchRange[]
  batchCsv(job: Job, firstRow: number, which: 'successful' | 'failed'): Uint8Array | null
}

const COLUMNS = {
  state: 'state',
  uploadedBytes: 'uploaded_bytes',
  processed: 'processed',
  failed: 'failed',
  retries: 'retries',
  activeMs: 'active_ms',
  errorMessage: 'error_message',
  started: 'started',
  finished: 'finished',
  effects: 'effects',
  object: 'object',
} as const satisfies Record<keyof JobChange, string>

export function createJobStore(database: DatabaseSync, now: () => number): JobStore {
  const nextNumber = database.prepare(
    `INSERT INTO sequence (name, last) VALUES ('job', 1)
     ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last`,
  )
  const insert = database.prepare(
    `INSERT INTO job (n, id, kind, operation, object, state, api_version, external_id_field,
       assignment_rule_id, column_delimiter, line_ending, query, column_seed, created_by, created,
       modified)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  database.exec('CREATE INDEX IF NOT EXISTS job_finished ON job (finished)')
  const select = database.prepare('SELECT * FROM job WHERE id = ?')
  const removable = database.prepare('SELECT n FROM job WHERE id = ?')
  const removeJob = database.prepare('DELETE FROM job WHERE n = ?')
  const removeBatches = database.prepare('DELETE FROM job_batch WHERE job = ?')
  const living = 'ifnull(finished > ?, 1)'
  const page = database.prepare(
    `SELECT * FROM job WHERE kind = ? AND n > ? AND ${living} ORDER BY n LIMIT ?`,
  )
  const recent = database.prepare(`SELECT * FROM job WHERE ${living} ORDER BY n DESC LIMIT ?`)
  const expired = database.prepare('SELECT id FROM job WHERE finished <= ?')
  const unfinished = database.prepare(
    `SELECT * FROM job WHERE state IN ('UploadComplete', 'InProgress') ORDER BY n`,
  )
  const addBatch = database.prepare('INSERT INTO job_batch VALUES (?, ?, ?, ?, ?, ?)')
  // The column is older than batches that end in another order than they began.
  const ranges = database.prepare('SELECT seq, rows FROM job_batch WHERE job = ? ORDER BY seq')
  const csv = {
    successful: database.prepare(
      'SELECT successful_csv AS csv FROM job_batch WHERE job = ? AND seq = ?',
    ),
    failed: database.prepare('SELECT failed_csv AS csv FROM job_batch WHERE job = ? AND seq = ?'),
  }

  const deadline = (): number => now() - LIFE_MS

  function get(id: string): Job | null {
    const row = select.get(canonicalId(id))
    if (row === undefined) return null
    const job = toJob(row, now())
    return job.finished !== null && job.finished <= deadline() ? null : job
  }

  return {
    now,
    create(job) {
      const n = Number(nextNumber.get()?.['last'])
      const id = makeId(JOB_KEY_PREFIX, n)
      const at = now()
      insert.run(
        n,
        id,
        job.kind,
        job.operation,
        job.object,
        job.state,
        job.apiVersion,
        job.externalIdField,
        job.assignmentRuleId,
        job.columnDelimiter,
        job.lineEnding,
        job.query,
        job.columnSeed ?? null,
        job.createdBy,
        at,
        at,
      )
      const made = get(id)
      if (made === null) throw new Error(`job ${id} is not there after its insert`)
      return made
    },
    get,
    update(id, change) {
      const at = now()
      const sets = ['modified = ?']
      const values: (string | number | null)[] = [at]
      for (const [name, column] of Object.entries(COLUMNS)) {
        // The keys of COLUMNS are exactly those of JobChange.
        const key = name as keyof JobChange
        const value = key === 'finished' && isFinal(change.state) ? at : change[key]
        if (value === undefined) continue
        sets.push(`${column} = ?`)
        values.push(typeof value === 'object' && value !== null ? JSON.stringify(value) : value)
      }
      // The statement's text differs by change, but there are few changes.
      database.prepare(`UPDATE job SET ${sets.join(', ')} WHERE id = ?`).run(...values, id)
    },
    remove(id) {
      const n = removable.get(id)?.['n']
      if (n === undefined) return
      removeBatches.run(n)
      removeJob.run(n)
    },
    list: (kind, after, limit) =>
      page.all(kind, after, deadline(), limit).map((row) => toJob(row, now())),
    recent: (limit) => recent.all(deadline(), limit).map((row) => toJob(row, now())),
    unfinished: () => unfinished.all().map((row) => toJob(row, now())),
    expired: () => expired.all(deadline()).map((row) => String(row['id'])),
    addBatch(job, batch) {
      addBatch.run(
        job.n,
        batch.firstRow,
        batch.rows,
        batch.failed,
        Buffer.from(batch.successfulCsv),
        Buffer.from(batch.failedCsv),
      )
    },
    batches: (job) =>
      ranges.all(job.n).map((row) => ({ firstRow: Number(row['seq']), rows: Number(row['rows']) })),
    batchCsv(job, firstRow, which) {
      const value = csv[which].get(job.n, firstRow)?.['csv']
      return value instanceof Uint8Array ? value : null
    },
  }
}

const nullable = (value: unknown): string | null => (value === null ? null : String(value))
const nullableNumber = (value: unknown): number | null => (value === null ? null : Number(value))

function isFinal(state: JobState | undefined): boolean {
  return state === 'JobComplete' || state === 'Failed' || state === 'Aborted'
}

function toJob(row: Record<string, unknown>, now: number): Job {
  const started = nullableNumber(row['started'])
  const finished = nullableNumber(row['finished'])
  return {
    n: Number(row['n']),
    id: String(row['id']),
    // Only this module writes the table, from values of these types.
    kind: row['kind'] as Job['kind'],
    operation: row['operation'] as Job['operation'],
    object: String(row['object']),
    state: row['state'] as JobState,
    apiVersion: Number(row['api_version']),
    externalIdField: nullable(row['external_id_field']),
    assignmentRuleId: nullable(row['assignment_rule_id']),
    columnDelimiter: row['column_delimiter'] as ColumnDelimiter,
    lineEnding: row['line_ending'] as LineEnding,
    query: nullable(row['query']),
    columnSeed: nullableNumber(row['column_seed']),
    uploadedBytes: nullableNumber(row['uploaded_bytes']),
    processed: Number(row['processed']),
    failed: Number(row['failed']),
    retries: Number(row['retries']),
    activeMs: Number(row['active_ms']),
    errorMessage: nullable(row['error_message']),
    created: Number(row['created']),
    createdBy: Number(row['created_by']),
    modified: Number(row['modified']),
    started,
    finished,
    processingMs: started === null ? 0 : Math.max(0, (finished ?? now) - started),
    effects: JSON.parse(String(row['effects'])) as JobEffect[],
  }
}
