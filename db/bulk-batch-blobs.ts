import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** `rows`: what the caller sent; `outcomes`: what became of it. */
export type BlobKind = 'rows' | 'outcomes'

/** Where a blob belongs, for its sealing: sealed bytes do not open anywhere else. */
export function blobContext(jobId: string, kind: BlobKind, batchNumber: number): string {
  return `bulk_batch_blobs/${jobId}/${kind}/${batchNumber}`
}

export interface BatchBlob {
  readonly batchNumber: number
  readonly body: Buffer
}

export type BulkBatchBlobQueries = ReturnType<typeof createBulkBatchBlobQueries>

export function createBulkBatchBlobQueries(connection: CommonQueryMethods) {
  return {
    async put(
      job: { jobId: string; workspaceId: string },
      kind: BlobKind,
      blobs: readonly BatchBlob[],
    ): Promise<void> {
      if (blobs.length === 0) return
      const values = sql.join(
        blobs.map(
          (blob) =>
            sql.fragment`(${job.jobId}, ${blob.batchNumber}, ${kind}, ${job.workspaceId}, ${sql.binary(blob.body)})`,
        ),
        sql.fragment`, `,
      )
      await connection.query(sql.type(row<never>())`
        insert into bulk_batch_blobs (job_id, batch_number, kind, workspace_id, body)
        values ${values}
        on conflict (job_id, kind, batch_number) do update set body = excluded.body`)
    },

    /**
     * Blobs of consecutive batches, in order: those that fit into `mostBytes` together, and the first in any case. Who
     * wants the rest asks again from there.
     */
    async list(
      jobId: string,
      kind: BlobKind,
      from: number,
      to: number,
      mostBytes = Number.MAX_SAFE_INTEGER,
    ): Promise<BatchBlob[]> {
      const found = await connection.any(sql.type(row<{ batch_number: number; body: Buffer }>())`
        select batch_number, body from (
          select batch_number, body,
            sum(octet_length(body)) over (order by batch_number) as bytes, row_number() over (order by batch_number) as place
          from bulk_batch_blobs
          where job_id = ${jobId} and kind = ${kind} and batch_number between ${from} and ${to}
        ) as listed
        where bytes <= ${mostBytes} or place = 1
        order by batch_number`)
      return found.map((r) => ({ batchNumber: r.batch_number, body: r.body }))
    },

    /** Those of the named batches that are there, in order. */
    async listOf(
      jobId: string,
      kind: BlobKind,
      batchNumbers: readonly number[],
    ): Promise<BatchBlob[]> {
      const found = await connection.any(sql.type(row<{ batch_number: number; body: Buffer }>())`
        select batch_number, body from bulk_batch_blobs
        where job_id = ${jobId} and kind = ${kind}
          and batch_number = any(${sql.array([...batchNumbers], 'int4')})
        order by batch_number`)
      return found.map((r) => ({ batchNumber: r.batch_number, body: r.body }))
    },

    /** Removes up to `limit` blobs and says how many. */
    async deleteSomeOf(jobId: string, limit: number): Promise<number> {
      const result = await connection.query(sql.type(row<never>())`
        delete from bulk_batch_blobs where (job_id, kind, batch_number) in (
          select job_id, kind, batch_number from bulk_batch_blobs where job_id = ${jobId} limit ${limit})`)
      return result.rowCount
    },
  }
}
