import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import type { Cell, RowOutcome, RowResult, StagedBatch } from '../contracts/bulk-job.ts'
import { ROW_OUTCOMES } from '../contracts/bulk-job.ts'

/** Compression runs on zlib's threads, so it never holds up the event loop. */
const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Level 1: the rows of one batch are alike, higher levels cost three times the work for a tenth of the size. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** First member of every blob: an older or newer form is refused instead of misread. */
const ROWS_FORM = 'rows/1'
const RESULTS_FORM = 'results/1'

/** Row numbers as runs `[first, length, …]`: one pair for most batches. */
type PackedBatch = readonly [
  form: string,
  columns: readonly string[],
  runs: readonly number[],
  cells: readonly (readonly Cell[])[],
]

type PackedResult = readonly [
  rowNumber: number,
  outcome: number,
  salesforceId: string | null,
  created: boolean | null,
  errorCode: string | null,
  errorMessage: string | null,
  errorFields: readonly string[],
  retryable: boolean,
  upstreamJobId: string | null,
]

/** Thrown where a blob is not what its writer made: a damaged or foreign one. */
export class BlobFormError extends Error {
  override name = 'BlobFormError'
}

export async function encodeStagedBatch(batch: StagedBatch): Promise<Buffer> {
  const runs: number[] = []
  const cells: (readonly Cell[])[] = []
  let next = -1
  for (const row of batch.rows) {
    if (row.rowNumber === next) runs[runs.length - 1] = (runs[runs.length - 1] ?? 0) + 1
    else runs.push(row.rowNumber, 1)
    next = row.rowNumber + 1
    cells.push(row.cells)
  }
  const packed: PackedBatch = [ROWS_FORM, batch.columns, runs, cells]
  return compress(JSON.stringify(packed), FAST)
}

/** Throws BlobFormError where `blob` is no staged batch. */
export async function decodeStagedBatch(blob: Buffer): Promise<StagedBatch> {
  const [, columns, runs, cells] = await unpack<PackedBatch>(blob, ROWS_FORM)
  const rows: { rowNumber: number; cells: readonly Cell[] }[] = []
  for (let run = 0; run < runs.length; run += 2) {
    const first = runs[run] ?? 0
    const length = runs[run + 1] ?? 0
    for (let step = 0; step < length; step++) {
      const row = cells[rows.length]
      if (row === undefined) throw new BlobFormError('Staged batch names more rows than it holds')
      rows.push({ rowNumber: first + step, cells: row })
    }
  }
  if (rows.length !== cells.length) {
    throw new BlobFormError('Staged batch holds more rows than it names')
  }
  return { columns, rows }
}

export async function encodeRowResults(results: readonly RowResult[]): Promise<Buffer> {
  const packed = results.map(
    (result): PackedResult => [
      result.rowNumber,
      ROW_OUTCOMES.indexOf(result.outcome),
      result.salesforceId,
      result.created,
      result.errorCode,
      result.errorMessage,
      result.errorFields,
      result.retryable,
      result.upstreamJobId,
    ],
  )
  return compress(JSON.stringify([RESULTS_FORM, packed]), FAST)
}

/** Throws BlobFormError where `blob` holds no row results. */
export async function decodeRowResults(blob: Buffer): Promise<RowResult[]> {
  const [, packed] = await unpack<readonly [string, readonly PackedResult[]]>(blob, RESULTS_FORM)
  return packed.map((result) => ({
    rowNumber: result[0],
    outcome: outcomeAt(result[1]),
    salesforceId: result[2],
    created: result[3],
    errorCode: result[4],
    errorMessage: result[5],
    errorFields: result[6],
    retryable: result[7],
    upstreamJobId: result[8],
  }))
}

function outcomeAt(index: number): RowOutcome {
  const outcome = ROW_OUTCOMES[index]
  if (outcome === undefined) throw new BlobFormError(`No row outcome has the number ${index}`)
  return outcome
}

async function unpack<Packed extends readonly [string, ...unknown[]]>(
  blob: Buffer,
  form: string,
): Promise<Packed> {
  let packed: unknown
  try {
    packed = JSON.parse((await decompress(blob)).toString())
  } catch (cause) {
    throw new BlobFormError(`Blob is damaged: expected ${form}`, { cause })
  }
  if (!Array.isArray(packed) || packed[0] !== form) {
    throw new BlobFormError(`Blob has another form than ${form}`)
  }
  // The form's name is written by the encoder above and by nothing else, so the members follow it.
  return packed as unknown as Packed
}
