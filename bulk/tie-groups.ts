import type { NumberedValues } from './value-table.ts'

/** One sent column as the refinement sees it. */
export interface TieColumn {
  readonly values: NumberedValues
  /** By value number: 1 where Salesforce surely echoes all rows that have the value with this very value. */
  readonly inert: Uint8Array
  /** Number of the blank value; -1 where no row is blank. */
  readonly blank: number
}

/** Rows and lines that belong together as sets of equal size; which is whose is known only where the size is one. */
export interface TieGroup {
  readonly rows: Int32Array
  readonly lines: Int32Array
}

/**
 * Splits rows and lines, as many of the one as of the other, into ever smaller sets that belong together.
 *
 * A column splits a set where every value occurs as often among the lines as among the rows: a rewriting that the
 * comparable form does not know shifts counts, and then the column says nothing here. A value that is surely echoed
 * unchanged may leave by itself, so that one odd value does not spoil the column for all others: all its rows' lines
 * have it, hence equal counts leave no room for a stranger.
 */
export function refineGroups(whole: TieGroup, columns: readonly TieColumn[]): TieGroup[] {
  let groups = [whole]
  let hasSplit = true
  while (hasSplit) {
    hasSplit = false
    for (const column of columns) {
      const counts = new Int32Array(2 * column.values.count)
      const next: TieGroup[] = []
      for (const group of groups) {
        if (group.rows.length === 1) next.push(group)
        else if (splitGroup(group, column, counts, next)) hasSplit = true
      }
      groups = next
    }
  }
  return groups
}

/** Whether the group was split. `counts` is all zeros before and after. */
function splitGroup(
  group: TieGroup,
  column: TieColumn,
  counts: Int32Array,
  result: TieGroup[],
): boolean {
  const { rows, lines } = column.values
  const values: number[] = []
  for (const row of group.rows) {
    const value = rows[row] ?? 0
    if (counts[2 * value] === 0) values.push(value)
    increase(counts, 2 * value)
  }
  for (const line of group.lines) increase(counts, 2 * (lines[line] ?? 0) + 1)

  const isFaithful = values.every((value) => counts[2 * value] === counts[2 * value + 1])
  const leaving = values.filter(
    (value) =>
      counts[2 * value] === counts[2 * value + 1] && (isFaithful || column.inert[value] === 1),
  )
  for (const row of group.rows) counts[2 * (rows[row] ?? 0)] = 0
  for (const line of group.lines) counts[2 * (lines[line] ?? 0) + 1] = 0

  if (leaving.length === 0 || (isFaithful && leaving.length === 1)) {
    result.push(group)
    return false
  }
  // The counts serve as places now: 1 for the first value that leaves, 0 for those that stay.
  for (const [index, value] of leaving.entries()) counts[2 * value] = index + 1
  const rowParts = partition(group.rows, rows, counts, leaving.length + 1)
  const lineParts = partition(group.lines, lines, counts, leaving.length + 1)
  for (const value of leaving) counts[2 * value] = 0
  for (const [index, part] of rowParts.entries()) {
    const linePart = lineParts[index]
    if (part.length > 0 && linePart !== undefined) result.push({ rows: part, lines: linePart })
  }
  return true
}

/** Members by the place of their value, each part in the order of the members. */
function partition(
  members: Int32Array,
  values: Int32Array,
  places: Int32Array,
  partCount: number,
): Int32Array[] {
  const starts = new Int32Array(partCount + 1)
  for (const member of members) increase(starts, (places[2 * (values[member] ?? 0)] ?? 0) + 1)
  for (let part = 0; part < partCount; part++) starts[part + 1] = at(starts, part) + at(starts, part + 1)
  const sorted = new Int32Array(members.length)
  const filled = starts.slice(0, partCount)
  for (const member of members) {
    const part = places[2 * (values[member] ?? 0)] ?? 0
    sorted[at(filled, part)] = member
    increase(filled, part)
  }
  return Array.from({ length: partCount }, (_, part) =>
    sorted.subarray(at(starts, part), at(starts, part + 1)),
  )
}

/**
 * Sets of rows and lines that are equal in every column and of equal size, where rows and lines are not equally many
 * in all. Rows or lines are missing then, so no set is beyond doubt.
 */
export function matchWholeRows(whole: TieGroup, columns: readonly TieColumn[]): TieGroup[] {
  let rowClasses: Int32Array = new Int32Array(whole.rows.length)
  let lineClasses: Int32Array = new Int32Array(whole.lines.length)
  let classCount = 1
  for (const { values } of columns) {
    const classes = new Map<number, number>()
    const refine = (members: Int32Array, old: Int32Array, numbers: Int32Array): Int32Array =>
      old.map((previous, index) => {
        // Exact: both factors are below 2^26.
        const key = previous * values.count + at(numbers, at(members, index))
        const known = classes.get(key)
        if (known !== undefined) return known
        classes.set(key, classes.size)
        return classes.size - 1
      })
    rowClasses = refine(whole.rows, rowClasses, values.rows)
    lineClasses = refine(whole.lines, lineClasses, values.lines)
    classCount = classes.size
  }
  const rowMembers: number[][] = Array.from({ length: classCount }, () => [])
  const lineMembers: number[][] = Array.from({ length: classCount }, () => [])
  rowClasses.forEach((part, index) => rowMembers[part]?.push(at(whole.rows, index)))
  lineClasses.forEach((part, index) => lineMembers[part]?.push(at(whole.lines, index)))
  return rowMembers.flatMap((rows, part) => {
    const lines = lineMembers[part] ?? []
    const isEven = rows.length > 0 && rows.length === lines.length
    return isEven ? [{ rows: Int32Array.from(rows), lines: Int32Array.from(lines) }] : []
  })
}

function at(numbers: Int32Array, index: number): number {
  return numbers[index] ?? 0
}

function increase(numbers: Int32Array, index: number): void {
  numbers[index] = at(numbers, index) + 1
}
