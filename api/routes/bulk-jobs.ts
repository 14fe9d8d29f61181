import { Hono } from 'hono'
import {
  type BulkJobBatchList,
  BulkJobListQuerySchema,
  type BulkJobLoadList,
  PageQuerySchema,
} from '../../contracts/http/bulk-jobs.ts'
import { type BulkJobBatch, createBulkJobBatchQueries } from '../../db/bulk-job-batches.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkUpstreamJobQueries } from '../../db/bulk-upstream-jobs.ts'
import { bulkJobBody } from '../bulk-job-body.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { requireJob } from '../find-job.ts'
import { decodeCursor, encodeCursor } from '../http/cursor.ts'
import { readQuery } from '../http/read-query.ts'
import { jobWarnings } from '../metadata/job-warnings.ts'

/** A job of a billion rows has ten thousand loads; most have one. */
const MOST_LOADS = 10_000

/** Kept in four bytes: a larger one would be an error of the database's. */
const isBatchNumber = (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 2_147_483_647

/** Reading jobs under /v1: list, one, batches, loads. */
export function createBulkJobRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .get('/v1/bulk-jobs', async (c) => {
      const query = readQuery(c.req.raw, BulkJobListQuerySchema)
      const after = decodeCursor<[string]>(
        query.cursor,
        ([jobId]) => typeof jobId === 'string' && /^[\w-]{1,200}$/.test(jobId),
      )
      const filter = {
        workspaceId: c.var.workspaceId,
        states: query.state === undefined ? undefined : [query.state],
        objectType: query.object,
        operation: query.operation,
      }
      const found = await createBulkJobQueries(c.var.database).listAfterJob(
        filter,
        query.limit + 1,
        after?.[0] ?? null,
      )
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      return c.json({
        jobs: page.map((job) => bulkJobBody(job, deps)),
        next_cursor: last === undefined ? null : encodeCursor([last.jobId]),
      })
    })
    .get('/v1/bulk-jobs/:jobId', async (c) => {
      const job = await requireJob(c, c.req.param('jobId'))
      return c.json({ ...bulkJobBody(job, deps), warnings: await jobWarnings(c.var.database, job) })
    })
    .get('/v1/bulk-jobs/:jobId/batches', async (c) => {
      const query = readQuery(c.req.raw, PageQuerySchema)
      const after = decodeCursor<[number]>(query.cursor, ([batch]) => isBatchNumber(batch))
      const job = await requireJob(c, c.req.param('jobId'))
      const found = await createBulkJobBatchQueries(c.var.database).list(
        job.jobId,
        after?.[0] ?? 0,
        query.limit + 1,
      )
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      const body: BulkJobBatchList = {
        batches: page.map(batchBody),
        next_cursor: last === undefined ? null : encodeCursor([last.batchNumber]),
      }
      return c.json(body)
    })
    .get('/v1/bulk-jobs/:jobId/loads', async (c) => {
      readQuery(c.req.raw, PageQuerySchema.pick({}))
      const job = await requireJob(c, c.req.param('jobId'))
      const found = await createBulkUpstreamJobQueries(c.var.database).list(
        job.jobId,
        MOST_LOADS + 1,
      )
      const body: BulkJobLoadList = {
        loads: found.slice(0, MOST_LOADS).map((load) => ({
          load_number: load.loadNumber,
          state: load.state,
          salesforce_job_id: load.salesforceJobId,
          salesforce_state: load.upstreamState,
          records_processed: load.recordsProcessed,
          records_failed: load.recordsFailed,
          error: load.errorMessage,
        })),
        truncated: found.length > MOST_LOADS,
      }
      return c.json(body)
    })
}

function batchBody(batch: BulkJobBatch): BulkJobBatchList['batches'][number] {
  return {
    batch_number: batch.batchNumber,
    first_row: batch.firstRow,
    row_count: batch.rowCount,
    settled: batch.settledRecords,
    counts: { total: batch.rowCount, ...batch.counts },
    // Written by the settlement as codes with their counts.
    error_codes: (batch.errorDetails as Record<string, number> | null) ?? null,
  }
}
