import type { RowResults } from '../../bulk/keyed-results.ts'
import type { RowResult } from '../../contracts/bulk-job.ts'

/** What became of a load's rows in one batch, in order of the rows. */
export interface BatchResults {
  readonly batchNumber: number
  readonly results: readonly RowResult[]
}

/**
 * What became of every row of a load, batch by batch. Made anew each time that it is gone through, so that the
 * results of a whole load are in memory at no time.
 */
export type LoadResults = Iterable<BatchResults>

export interface BatchSize {
  readonly batchNumber: number
  /** Its rows that the load carries. */
  readonly rowCount: number
}

/** Cuts results, which stand in the order of the rows, into those of the batches. */
export function resultsByBatch(results: RowResults, batches: readonly BatchSize[]): LoadResults {
  return {
    *[Symbol.iterator]() {
      let place = 0
      for (const { batchNumber, rowCount } of batches) {
        const own: RowResult[] = []
        for (const end = place + rowCount; place < end; place++) {
          const result = results.at(place)
          if (result === undefined) throw new Error(`A row of batch ${batchNumber} has no result.`)
          own.push(result)
        }
        yield { batchNumber, results: own }
      }
    },
  }
}

export function* eachResult(load: LoadResults): Generator<RowResult, void, undefined> {
  for (const { results } of load) yield* results
}

/** Batches in pieces that end as soon as they hold `most.rows` rows or `most.batches` batches. */
export function* chunksOf(
  load: LoadResults,
  most: { readonly rows: number; readonly batches: number },
): Generator<readonly BatchResults[], void, undefined> {
  let chunk: BatchResults[] = []
  let rows = 0
  for (const batch of load) {
    chunk.push(batch)
    rows += batch.results.length
    if (rows < most.rows && chunk.length < most.batches) continue
    yield chunk
    chunk = []
    rows = 0
  }
  if (chunk.length > 0) yield chunk
}
