import { planLoads } from '../../bulk/plan-loads.ts'
import { createRowChecker, subjectIssues } from '../../bulk/row-checker.ts'
import { type BulkJobResult, isTerminalBulkJobState } from '../../contracts/bulk-job.ts'
import type { JobReference, PreparedBulkJob } from '../../contracts/bulk-job-steps.ts'
import type { RowIssue } from '../../contracts/row-check.ts'
import { type BulkJobBatch, createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import { type BulkJob, createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkLoadQueries } from '../../db/bulk-loads.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal } from '../failures.ts'
import type { Describer } from '../metadata.ts'
import { createBatchStore } from './batch-store.ts'
import type { createFinishBulkJob } from './finish-bulk-job.ts'
import { heartbeatWhile } from './heartbeat.ts'

const BATCHES_AT_ONCE = 1_000
const MOST_ISSUES = 20

/** The job's first step: rows that nobody could check yet are checked, then batches become loads. */
export function createPrepareBulkJob(
  deps: ActivityDependencies,
  describer: Describer,
  finisher: ReturnType<typeof createFinishBulkJob>,
) {
  const { database, failpoint } = deps

  return async function prepareBulkJob({ jobId }: JobReference): Promise<PreparedBulkJob> {
    return heartbeatWhile(async () => {
      const job = await createBulkJobQueries(database).get(jobId)
      if (!job) throw internal(`Job ${jobId} does not exist.`)
      if (isTerminalBulkJobState(job.state)) return { status: 'finished', result: resultOf(job) }
      if (job.plannedAt === null) await plan(job)
      if (job.wish !== 'cancel' && job.checkedAt === null) {
        const issues = await check(job)
        if (issues.length > 0) return { status: 'finished', result: await reject(job, issues) }
        await createBulkJobQueries(database).setChecked(jobId)
      }
      await createBulkJobQueries(database).setInProgress(jobId)
      await failpoint('prepare.after')
      return {
        status: 'ready',
        lanes: deps.bulk.lanes,
        label: `${job.operation} ${job.totalRecords} ${job.objectType}`,
        totalRecords: job.totalRecords,
      }
    })
  }

  async function plan(job: BulkJob): Promise<void> {
    const batches: BulkJobBatch[] = []
    for (let after = 0; ; ) {
      const page = await createBulkJobBatchQueries(database).list(job.jobId, after, BATCHES_AT_ONCE)
      batches.push(...page)
      const last = page[page.length - 1]
      if (last === undefined) break
      after = last.batchNumber
    }
    const planned = planLoads(batches, {
      maxBytes: deps.bulk.loadMaxBytes,
      maxRows: deps.bulk.loadMaxRows,
    })
    await failpoint('prepare.before-plan')
    await database.transaction(async (transaction) => {
      const jobs = createBulkJobQueries(transaction)
      const locked = await jobs.lock(job.jobId)
      if (locked?.plannedAt !== null) return
      await createBulkLoadQueries(transaction).insert(
        job,
        planned.map((load, index) => ({
          loadNumber: index + 1,
          round: 0,
          parentLoad: null,
          rowRanges: load.ranges,
          rowCount: load.rowCount,
          encodedBytes: load.encodedBytes,
          delaySeconds: 0,
        })),
      )
      await jobs.setPlanned(job.jobId)
    })
    await failpoint('prepare.after-plan')
  }

  /** Against a fresh describe: nobody could be asked when the rows arrived. */
  async function check(job: BulkJob): Promise<RowIssue[]> {
    const subject = {
      operation: job.operation,
      objectType: job.objectType,
      externalIdField: job.externalIdField,
      correlationField: job.correlationField,
      describe: await describer.describe(job.connectionId, job.workspaceId, job.objectType),
    }
    if (subject.describe === null) {
      return [
        {
          code: 'unknown_object',
          rowNumber: null,
          field: null,
          message: `The organization has no object ${job.objectType}, or the integration user cannot see it.`,
        },
      ]
    }
    const issues = subjectIssues(subject)
    if (issues.length > 0) return issues.slice(0, MOST_ISSUES)
    const checker = createRowChecker(subject)
    const seen = new Set<string>()
    const store = createBatchStore(database, deps.sealing)
    const batches = await createBulkJobBatchQueries(database).count(job.jobId)
    for await (const { batch } of store.staged(job.jobId, 1, batches)) {
      const key = JSON.stringify(batch.columns)
      if (!seen.has(key)) {
        seen.add(key)
        issues.push(...checker.checkColumns(batch.columns))
      }
      if (issues.length === 0) {
        for (const row of batch.rows) {
          issues.push(...checker.checkRow(batch.columns, row.rowNumber, row.cells))
          if (issues.length >= MOST_ISSUES) break
        }
      }
      if (issues.length >= MOST_ISSUES) break
    }
    return issues.slice(0, MOST_ISSUES)
  }

  async function reject(job: BulkJob, issues: readonly RowIssue[]): Promise<BulkJobResult> {
    const first = issues[0]
    return finisher.finishRejected(job.jobId, first?.message ?? 'The rows do not fit the object.', {
      rejected: true,
      issues,
    })
  }
}

function resultOf(job: BulkJob): BulkJobResult {
  if (!isTerminalBulkJobState(job.state)) throw internal(`Job ${job.jobId} did not end.`)
  return { jobId: job.jobId, state: job.state, totalRecords: job.totalRecords, counts: job.counts }
}
