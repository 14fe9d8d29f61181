import type { RowOutcome, RowResult } from '../contracts/bulk-job.ts'
import { ROW_OUTCOMES } from '../contracts/bulk-job.ts'
import { BlobFormError, packBlob, unpackBlob } from './blob-frame.ts'
import { buildRowRuns, expandRowRuns, type RowRuns } from './row-runs.ts'

const FORM = 'results/2'

/** What the results of many rows share: all but number and id. */
type Verdict = readonly [
  outcome: number,
  created: boolean | null,
  errorCode: string | null,
  errorMessage: string | null,
  errorFields: readonly string[],
  retryable: boolean,
  upstreamJobId: string | null,
]

/** `verdictOf` holds, row by row, the place of its verdict; it is empty where there is but one. */
type Packed = readonly [
  form: string,
  runs: RowRuns,
  verdicts: readonly Verdict[],
  verdictOf: readonly number[],
  salesforceIds: readonly (string | null)[],
]

export function encodeRowResults(results: readonly RowResult[]): Buffer {
  const verdicts: Verdict[] = []
  const places = new Map<string, number>()
  const verdictOf: number[] = []
  let last: RowResult | null = null
  let place = -1
  for (const result of results) {
    if (last === null || !isSameVerdict(result, last)) {
      const verdict = verdictOn(result)
      const key = JSON.stringify(verdict)
      place = places.get(key) ?? -1
      if (place < 0) {
        place = verdicts.push(verdict) - 1
        places.set(key, place)
      }
      last = result
    }
    verdictOf.push(place)
  }
  const packed: Packed = [
    FORM,
    buildRowRuns(results.map((result) => result.rowNumber)),
    verdicts,
    verdicts.length > 1 ? verdictOf : [],
    results.map((result) => result.salesforceId),
  ]
  return packBlob(packed as readonly [string, ...unknown[]])
}

/** Throws BlobFormError where `blob` holds no row results. */
export function decodeRowResults(blob: Buffer): RowResult[] {
  // The form's name is written by the encoder above and by nothing else, so the members follow it.
  const packed = unpackBlob(blob, FORM).header as unknown as Packed
  const [, runs, verdicts, verdictOf, salesforceIds] = packed
  const rowNumbers = expandRowRuns(runs, salesforceIds.length)
  const verdictCount = verdicts.length > 1 ? rowNumbers.length : 0
  if (rowNumbers.length !== salesforceIds.length || verdictOf.length !== verdictCount) {
    throw new BlobFormError('Row results name other rows than they hold')
  }
  return rowNumbers.map((rowNumber, index) => {
    const verdict = verdicts[verdictOf[index] ?? 0]
    if (verdict === undefined) throw new BlobFormError(`Row ${rowNumber} has no verdict`)
    return {
      rowNumber,
      outcome: outcomeAt(verdict[0]),
      salesforceId: salesforceIds[index] ?? null,
      created: verdict[1],
      errorCode: verdict[2],
      errorMessage: verdict[3],
      errorFields: verdict[4],
      retryable: verdict[5],
      upstreamJobId: verdict[6],
    }
  })
}

function verdictOn(result: RowResult): Verdict {
  return [
    ROW_OUTCOMES.indexOf(result.outcome),
    result.created,
    result.errorCode,
    result.errorMessage,
    result.errorFields,
    result.retryable,
    result.upstreamJobId,
  ]
}

/** Cheap, and right where it says yes: most rows of a batch share their verdict with the one before. */
function isSameVerdict(result: RowResult, other: RowResult): boolean {
  return (
    result.outcome === other.outcome &&
    result.created === other.created &&
    result.errorCode === other.errorCode &&
    result.errorMessage === other.errorMessage &&
    result.errorFields === other.errorFields &&
    result.retryable === other.retryable &&
    result.upstreamJobId === other.upstreamJobId
  )
}

function outcomeAt(index: number): RowOutcome {
  const outcome = ROW_OUTCOMES[index]
  if (outcome === undefined) throw new BlobFormError(`No row outcome has the number ${index}`)
  return outcome
}
