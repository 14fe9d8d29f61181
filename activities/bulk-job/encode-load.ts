import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ingestCsvHeader, ingestCsvRow } from '../../bulk/ingest-csv.ts'
import type { BulkJob } from '../../db/bulk-jobs.ts'
import type { BulkLoad } from '../../db/bulk-loads.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { createBatchStore } from './batch-store.ts'
import { loadBatches } from './load-batches.ts'

/** A load's body on disk. */
export interface EncodedLoad {
  readonly path: string
  readonly bytes: number
  dispose(): Promise<void>
}

/** Columns that a delete sends: Salesforce refuses any other. */
export function wireColumns(job: BulkJob): readonly string[] {
  if (job.operation !== 'delete' && job.operation !== 'hard_delete') return job.columns
  return job.columns.filter((column) => column.toLowerCase() === 'id')
}

/** Writes the CSV that goes up to a file of its own, a batch in memory at a time. */
export async function encodeLoad(
  deps: ActivityDependencies,
  job: BulkJob,
  load: BulkLoad,
): Promise<EncodedLoad> {
  await mkdir(deps.temporaryDirectory, { recursive: true, mode: 0o700 })
  const path = join(deps.temporaryDirectory, `${load.loadNumber}-${randomUUID()}.csv`)
  const columns = wireColumns(job)
  const store = createBatchStore(deps.pool, deps.sealing)
  let bytes = 0

  async function* lines(): AsyncGenerator<Buffer> {
    const header = Buffer.from(ingestCsvHeader(columns))
    bytes += header.length
    yield header
    for await (const batch of loadBatches(deps.pool, store, load)) {
      let text = ''
      for (const row of batch.rows) text += ingestCsvRow(columns, batch.columns, row.cells)
      const chunk = Buffer.from(text)
      bytes += chunk.length
      yield chunk
    }
  }

  try {
    await pipeline(Readable.from(lines()), createWriteStream(path, { mode: 0o600 }))
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { path, bytes, dispose: () => rm(path, { force: true }) }
}
