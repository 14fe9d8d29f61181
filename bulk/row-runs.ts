/** Ascending row numbers as runs `[first, length, …]`: one pair for most batches. */
export type RowRuns = readonly number[]

export function buildRowRuns(rowNumbers: Iterable<number>): RowRuns {
  const runs: number[] = []
  let next = -1
  for (const rowNumber of rowNumbers) {
    if (rowNumber === next) runs[runs.length - 1] = (runs[runs.length - 1] ?? 0) + 1
    else runs.push(rowNumber, 1)
    next = rowNumber + 1
  }
  return runs
}

/** The row numbers, in order; no more than `most` and one, whatever the runs say. */
export function expandRowRuns(runs: RowRuns, most: number): number[] {
  const rowNumbers: number[] = []
  for (let run = 0; run < runs.length; run += 2) {
    const first = runs[run] ?? 0
    const length = runs[run + 1] ?? 0
    for (let step = 0; step < length && rowNumbers.length <= most; step++) {
      rowNumbers.push(first + step)
    }
  }
  return rowNumbers
}
