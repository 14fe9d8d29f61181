import type { RowRanges } from '../contracts/bulk-job.ts'

/** Ranges of strictly ascending row numbers. Throws RangeError where they do not ascend. */
export function buildRowRanges(rowNumbers: Iterable<number>): RowRanges {
  const ranges: number[] = []
  let last: number | null = null
  for (const rowNumber of rowNumbers) {
    if (last !== null && rowNumber <= last) {
      throw new RangeError(`Row ${rowNumber} follows row ${last}: row numbers must ascend`)
    }
    if (last !== null && rowNumber === last + 1) ranges[ranges.length - 1] = rowNumber
    else ranges.push(rowNumber, rowNumber)
    last = rowNumber
  }
  return ranges
}

/** Whether `rowNumber` lies in `ranges`; a binary search. */
export function containsRow(ranges: RowRanges, rowNumber: number): boolean {
  return intersectsRows(ranges, rowNumber, rowNumber)
}

/** How many rows `ranges` hold. */
export function countRows(ranges: RowRanges): number {
  let count = 0
  for (const [first, last] of pairs(ranges)) count += last - first + 1
  return count
}

/** Every row number of `ranges`, ascending. */
export function* iterateRows(ranges: RowRanges): Generator<number, void, undefined> {
  for (const [first, last] of pairs(ranges)) {
    for (let rowNumber = first; rowNumber <= last; rowNumber++) yield rowNumber
  }
}

/** Whether any row from `first` to `last` (both included) lies in `ranges`; a binary search. */
export function intersectsRows(ranges: RowRanges, first: number, last: number): boolean {
  let low = 0
  let high = ranges.length >> 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle * 2 + 1] ?? 0) < first) low = middle + 1
    else high = middle
  }
  const start = ranges[low * 2]
  return start !== undefined && start <= last
}

function* pairs(ranges: RowRanges): Generator<readonly [number, number], void, undefined> {
  for (let index = 0; index < ranges.length; index += 2) {
    const first = ranges[index]
    const last = ranges[index + 1]
    if (first === undefined || last === undefined) {
      throw new RangeError('Row ranges hold an odd count of numbers')
    }
    yield [first, last]
  }
}
