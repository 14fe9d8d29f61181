import { createDuplicateKeyFinder, type DuplicateKeyFinder } from '../../bulk/duplicate-keys.ts'
import { type ColumnRegistry, createColumnRegistry } from '../../bulk/staging/column-registry.ts'
import { createBatchCutter } from '../../bulk/staging/cut-batches.ts'
import {
  type InputIssue,
  inputIssue,
  UnreadableInputError,
} from '../../bulk/staging/input-issue.ts'
import type { ReadPage } from '../../bulk/staging/read-row.ts'
import { bulkJobWorkflowId } from '../../contracts/workflow-ids.ts'
import { type BulkJob, createBulkJobQueries, type NewBulkJob } from '../../db/bulk-jobs.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { createWorkflowStartQueries } from '../../db/workflow-starts.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { ApiError, inputError } from '../errors.ts'
import { createChunkWriter } from './chunk-writer.ts'
import type { DescribeLookup } from './describe-lookup.ts'
import { createRowGate, keyColumnOf, type RowGate } from './row-gate.ts'

/** After so many faults reading stops: the caller has enough to mend. */
const MOST_ISSUES = 20
/** Bytes of a batch on the wire; wide rows make it smaller than its number of rows. */
const MOST_BATCH_BYTES = 4_000_000
/** The sweeper leaves a fresh start to the process that accepted it. */
const START_GRACE_SECONDS = 5

export interface StageRequest {
  readonly job: NewBulkJob
  readonly rows: (registry: ColumnRegistry) => AsyncIterable<ReadPage>
  /** Opens the job by `insert`, in a transaction of which it may make more. It may run more than once. */
  readonly open?: (
    transaction: DatabaseTransactionConnection,
    insert: () => Promise<void>,
  ) => Promise<void>
  /** Runs in the transaction that accepts the job. */
  readonly onAccept?: (transaction: DatabaseTransactionConnection) => Promise<void>
}

/** Takes a job's rows in: all of them or nothing. Every form of create and the retry go through it. */
export interface Stager {
  /** @throws {ApiError} with every fault found; then nothing of the job is left. */
  stage(request: StageRequest): Promise<BulkJob>
}

export function createStager(deps: ApiDependencies, describes: DescribeLookup): Stager {
  const { logger, settings } = deps

  return {
    async stage(request) {
      const { job } = request
      const keys = createDuplicateKeyFinder(settings.temporaryDirectory)
      try {
        const gate = await openGate(job, keys)
        const issues = await gate.subjectIssues()
        if (issues.length > 0) throw inputError(issues)
        const database = deps.database.workspace(job.workspaceId)
        await database.transaction(async (transaction) => {
          await holdConnection(transaction, job)
          const insert = () => createBulkJobQueries(transaction).insertStaging(job)
          await (request.open === undefined ? insert() : request.open(transaction, insert))
        })
        try {
          const columns = await stageRows(request, gate, keys)
          return await accept(request, columns, gate.describe() !== null)
        } catch (error) {
          await removeStaging(job)
          throw error
        }
      } finally {
        await keys.dispose()
      }
    },
  }

  async function holdConnection(
    transaction: DatabaseTransactionConnection,
    { connectionId }: NewBulkJob,
  ): Promise<void> {
    if (await createConnectionQueries(transaction).holdForJob(connectionId)) return
    throw new ApiError('connection_not_found', 'The connection of this job was deleted.')
  }

  async function openGate(job: NewBulkJob, keys: DuplicateKeyFinder): Promise<RowGate> {
    let known = await describes.find(job)
    if (known !== null && known.describe === null) known = await describes.refresh(job, known)
    if (known !== null && known.describe === null) {
      const message = `The organization has no object ${job.objectType}, or the integration user cannot see it.`
      throw inputError([inputIssue('unknown_object', message)])
    }
    const first = known
    return createRowGate(job, first?.describe ?? null, keys, async () =>
      first === null ? null : (await describes.refresh(job, first)).describe,
    )
  }

  async function stageRows(
    request: StageRequest,
    gate: RowGate,
    keys: DuplicateKeyFinder,
  ): Promise<readonly string[]> {
    const registry = createColumnRegistry()
    const cutter = createBatchCutter({ maxRows: settings.batchSize, maxBytes: MOST_BATCH_BYTES })
    const writer = createChunkWriter(deps, request.job)
    const issues: InputIssue[] = []
    const badColumns = new Set<readonly string[]>()
    let rows = 0
    try {
      for await (const page of request.rows(registry)) {
        issues.push(...page.issues)
        for (const row of page.rows) {
          rows += 1
          const ofColumns = gate.columnIssues(row.columns)
          const found = ofColumns === null ? [] : await ofColumns
          if (found.length > 0) badColumns.add(row.columns)
          issues.push(...found)
          if (!badColumns.has(row.columns)) {
            issues.push(...gate.pass(row))
            const noting = gate.noting()
            if (noting !== null) await noting
          }
          if (issues.length >= MOST_ISSUES) break
          if (issues.length > 0) continue
          const batch = cutter.push(row)
          if (batch !== null) await writer.add(batch)
        }
        if (issues.length >= MOST_ISSUES) break
        await writer.keepAlive()
      }
      issues.push(...(await duplicates(request.job, keys, MOST_ISSUES - issues.length)))
      if (issues.length > 0) throw inputError(issues.slice(0, MOST_ISSUES))
      if (rows === 0) throw new ApiError('no_records', 'There is no record to write.')
      const last = cutter.finish()
      if (last !== null) await writer.add(last)
      await writer.finish()
      return registry.columns()
    } catch (error) {
      await writer.abandon()
      if (error instanceof UnreadableInputError) throw inputError([...issues, error.issue])
      throw error
    }
  }

  async function duplicates(
    job: NewBulkJob,
    keys: DuplicateKeyFinder,
    limit: number,
  ): Promise<InputIssue[]> {
    if (limit <= 0) return []
    const field = keyColumnOf(job.operation, job.externalIdField)
    return (await keys.find(limit)).map(({ rowNumber, firstRowNumber }) =>
      inputIssue(
        'duplicate_key',
        `Row ${rowNumber} has the same ${field ?? 'key'} as row ${firstRowNumber}; a job writes each record once.`,
        { rowNumber, field },
      ),
    )
  }

  /** The job becomes visible and the wish to start it is written: both or neither. */
  async function accept(
    request: StageRequest,
    columns: readonly string[],
    checked: boolean,
  ): Promise<BulkJob> {
    const { jobId, workspaceId } = request.job
    return deps.database.workspace(workspaceId).transaction(async (transaction) => {
      const job = await createBulkJobQueries(transaction).finishStaging(jobId, { columns, checked })
      if (job === null) {
        const message = 'The upload stood still for too long and was given up. Send it again.'
        throw new ApiError('upload_superseded', message)
      }
      await createWorkflowStartQueries(transaction).insert(
        {
          workflowId: bulkJobWorkflowId(deps.installationId, jobId),
          workspaceId,
          subjectId: jobId,
        },
        START_GRACE_SECONDS,
      )
      await request.onAccept?.(transaction)
      return job
    })
  }

  async function removeStaging({ jobId, workspaceId }: NewBulkJob): Promise<void> {
    try {
      await createBulkJobQueries(deps.database.workspace(workspaceId)).deleteStaging(jobId)
    } catch (error) {
      // The first error is the caller's answer; the sweeper removes what stays behind.
      logger.warn({ err: error, jobId }, 'staging could not be removed')
    }
  }
}
