import type { NumberedValues } from './value-table.ts'

/** One sent column as the refinement sees it. */
export interface TieColumn {
  readonly values: NumberedValues
  /** By value number: 1 where Salesforce surely echoes all rows that have the value with this very value. */
  readonly inert: Uint8Array
  /** Number of the blank value; -1 where no row is blank. */
  readonly blank: number
}

/** Rows and lines by their places in the table. */
export interface TieSides {
  readonly rows: Int32Array
  readonly lines: Int32Array
}

/**
 * Rows and lines in an order in which `rows[start..end)` and `lines[start..end)` belong together for each group; which
 * is whose is known only where the size is one.
 */
export interface TieGroups extends TieSides {
  /** Starts and ends of the groups, flattened. */
  readonly bounds: readonly number[]
}

/**
 * Splits rows and lines, as many of the one as of the other, into ever smaller groups that belong together.
 *
 * A column splits a group where every value occurs as often among the lines as among the rows: a rewriting that the
 * comparable form does not know shifts counts, and then the column says nothing here. A value that is surely echoed
 * unchanged may leave by itself, so that one odd value does not spoil the column for all others: all its rows' lines
 * have it, hence equal counts leave no room for a stranger.
 */
export function refineGroups(whole: TieSides, columns: readonly TieColumn[]): TieGroups {
  const order = { rows: whole.rows.slice(), lines: whole.lines.slice() }
  const singles: number[] = []
  let open = [0, order.rows.length]
  let hasSplit = true
  while (hasSplit) {
    hasSplit = false
    for (const column of columns) {
      const counts = new Int32Array(2 * column.values.count)
      const next: number[] = []
      for (let index = 0; index < open.length; index += 2) {
        const start = open[index] ?? 0
        const end = open[index + 1] ?? 0
        const parts = splitGroup(order, start, end, column, counts)
        if (parts.length > 2) hasSplit = true
        for (let part = 0; part + 1 < parts.length; part++) {
          const from = parts[part] ?? 0
          const to = parts[part + 1] ?? 0
          if (to - from === 1) singles.push(from, to)
          else if (to > from) next.push(from, to)
        }
      }
      open = next
    }
  }
  return { ...order, bounds: singles.concat(open) }
}

/**
 * Reorders one group by the column and gives the borders of its parts, its own start and end among them: the first
 * part holds what stays together. `counts` is all zeros before and after.
 */
function splitGroup(
  order: TieSides,
  start: number,
  end: number,
  column: TieColumn,
  counts: Int32Array,
): readonly number[] {
  const { rows, lines } = column.values
  const groupRows = order.rows.subarray(start, end)
  const groupLines = order.lines.subarray(start, end)
  const values: number[] = []
  for (const row of groupRows) {
    const value = at(rows, row)
    if (at(counts, 2 * value) === 0) values.push(value)
    increase(counts, 2 * value, 1)
  }
  for (const line of groupLines) increase(counts, 2 * at(lines, line) + 1, 1)

  const isEven = (value: number): boolean => counts[2 * value] === counts[2 * value + 1]
  const isFaithful = values.every(isEven)
  const leaving = isFaithful
    ? values
    : values.filter((value) => isEven(value) && column.inert[value] === 1)
  const borders = bordersOf(leaving, counts, start, end)
  for (const row of groupRows) counts[2 * at(rows, row)] = 0
  for (const line of groupLines) counts[2 * at(lines, line) + 1] = 0
  if (leaving.length === 0 || (values.length === leaving.length && leaving.length === 1)) {
    return [start, end]
  }
  // The counts serve as part numbers now: 0 for the values that stay.
  for (const [index, value] of leaving.entries()) counts[2 * value] = index + 1
  sortByPart(groupRows, rows, counts, borders, start)
  sortByPart(groupLines, lines, counts, borders, start)
  for (const value of leaving) counts[2 * value] = 0
  return borders
}

function bordersOf(
  leaving: readonly number[],
  counts: Int32Array,
  start: number,
  end: number,
): number[] {
  let size = 0
  for (const value of leaving) size += at(counts, 2 * value)
  const borders = [start, end - size]
  for (const value of leaving) borders.push((borders.at(-1) ?? 0) + at(counts, 2 * value))
  return borders
}

/** Reorders `members` in place, each part in the order that its members had. */
function sortByPart(
  members: Int32Array,
  values: Int32Array,
  parts: Int32Array,
  borders: readonly number[],
  start: number,
): void {
  const places = Int32Array.from(borders)
  for (const member of members.slice()) {
    const part = at(parts, 2 * at(values, member))
    members[at(places, part) - start] = member
    increase(places, part, 1)
  }
}

/**
 * Sets of rows and lines that are equal in every column and of equal size, where rows and lines are not equally many
 * in all. Rows or lines are missing then, so no set is beyond doubt.
 */
export function matchWholeRows(whole: TieSides, columns: readonly TieColumn[]): TieGroups {
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
  for (const [index, part] of rowClasses.entries()) rowMembers[part]?.push(at(whole.rows, index))
  for (const [index, part] of lineClasses.entries()) lineMembers[part]?.push(at(whole.lines, index))

  const rows: number[] = []
  const lines: number[] = []
  const bounds: number[] = []
  for (const [part, members] of rowMembers.entries()) {
    const partners = lineMembers[part] ?? []
    if (members.length === 0 || members.length !== partners.length) continue
    bounds.push(rows.length, rows.length + members.length)
    for (const row of members) rows.push(row)
    for (const line of partners) lines.push(line)
  }
  return { rows: Int32Array.from(rows), lines: Int32Array.from(lines), bounds }
}

function at(numbers: Int32Array, index: number): number {
  return numbers[index] ?? 0
}

function increase(numbers: Int32Array, index: number, by: number): void {
  numbers[index] = at(numbers, index) + by
}
