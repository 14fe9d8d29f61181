import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ingestCsvHeader, ingestCsvRow } from '../../bulk/ingest-csv.ts'
import type { BulkJob } from '../../db/bulk-jobs.ts'
import type { BulkLoad } from '../../db/bulk-loads.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { createBatchStore } from './batch-store.ts'
import { type LoadBatch, loadBatches, rowsOf } from './load-batches.ts'

/** Bytes that are written at once. */
const WRITE_BYTES = 1 << 20

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

/** Writes the CSV that goes up to a file of its own, a few batches in memory at a time. */
export async function encodeLoad(
  deps: ActivityDependencies,
  job: BulkJob,
  load: BulkLoad,
): Promise<EncodedLoad> {
  await mkdir(deps.temporaryDirectory, { recursive: true, mode: 0o700 })
  const path = join(deps.temporaryDirectory, `${load.loadNumber}-${randomUUID()}.csv`)
  const dispose = () => rm(path, { force: true })
  try {
    return { path, bytes: await writeBody(deps, job, load, path), dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

async function writeBody(
  deps: ActivityDependencies,
  job: BulkJob,
  load: BulkLoad,
  path: string,
): Promise<number> {
  const columns = wireColumns(job)
  const store = createBatchStore(deps.database, deps.sealing)
  await using file = await open(path, 'wx', 0o600)
  const body = createFileBody(file)
  await body.add(Buffer.from(ingestCsvHeader(columns)))
  for await (const batch of loadBatches(deps.database, store, load)) {
    await body.add(linesOf(batch, columns))
  }
  return body.finish()
}

/** Gathers pieces in one buffer that is used again: as garbage they would take as much memory as the loads they are of. */
function createFileBody(file: FileHandle) {
  const buffer = Buffer.allocUnsafe(WRITE_BYTES)
  let used = 0
  let bytes = 0

  async function writeAll(piece: Buffer): Promise<void> {
    // A write may stop short of its end.
    for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten
    bytes += piece.length
  }

  async function flush(): Promise<void> {
    await writeAll(buffer.subarray(0, used))
    used = 0
  }

  return {
    async add(piece: Buffer): Promise<void> {
      if (used + piece.length > buffer.length) await flush()
      if (piece.length > buffer.length) await writeAll(piece)
      else used += piece.copy(buffer, used)
    },
    /** Gives the length of the whole body, in bytes. */
    async finish(): Promise<number> {
      await flush()
      return bytes
    },
  }
}

/** A batch is stored as the lines that it is on the wire: mostly they are copied. */
function linesOf(batch: LoadBatch, columns: readonly string[]): Buffer {
  const { wire, carries } = batch
  if (carries === null && isSameList(wire.columns, columns)) return wire.lines
  let text = ''
  for (const row of rowsOf(batch)) text += ingestCsvRow(columns, wire.columns, row.cells)
  return Buffer.from(text)
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name, place) => name === right[place])
}
