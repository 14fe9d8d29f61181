import type { BatchRange } from '../store/job-store.ts'
import { checkRowSize } from './row-size.ts'

/** Rows that belong to one internal batch. */
export interface SourceBatch {
  /** The 0-based place of the first row in the whole file. */
  readonly firstRow: number
  readonly cells: readonly (readonly string[])[]
}

/** Cuts a file into internal batches, and leaves out the rows that are committed. */
export interface BatchSource {
  /** The place of the next row that is not committed. */
  position(): number
  /** Whether there are rows that are not committed. Throws CsvError where they cannot be read. */
  hasMore(): boolean
  /** The next rows, at most `size` and none at or after row `stop`; `null` where there are none. */
  next(size: number, stop: number): SourceBatch | null
}

/** `rows` come after the header; `committed` in the order of their places. */
export function createBatchSource(
  rows: Iterator<readonly string[]>,
  columns: number,
  committed: readonly BatchRange[],
  fieldCharacters: () => number,
): BatchSource {
  const ranges = [...committed]
  let place = 0
  let ahead: IteratorResult<readonly string[]> | null = null

  function pull(): IteratorResult<readonly string[]> {
    const row = ahead ?? rows.next()
    ahead = null
    return row
  }

  /** Steps over committed rows. A restart finds them all over the file, not only at its start. */
  function skip(): void {
    for (let range = ranges[0]; range?.firstRow === place; range = ranges[0]) {
      for (let left = range.rows; left > 0; left -= 1) pull()
      place += range.rows
      ranges.shift()
    }
  }
  skip()

  return {
    position: () => place,
    hasMore() {
      ahead ??= rows.next()
      return ahead.done !== true
    },
    next(size, stop) {
      const end = Math.min(place + size, stop, ranges[0]?.firstRow ?? Number.POSITIVE_INFINITY)
      const firstRow = place
      const cells: (readonly string[])[] = []
      while (place < end) {
        const row = pull()
        if (row.done === true) break
        checkRowSize(row.value, columns, place + 1, fieldCharacters())
        cells.push(row.value)
        place += 1
      }
      skip()
      return cells.length === 0 ? null : { firstRow, cells }
    },
  }
}
