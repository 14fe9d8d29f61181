import type { RowResult, StagedRow } from '../contracts/bulk-job.ts'
import type { FieldDescribe, ObjectDescribe } from '../contracts/metadata.ts'
import { columnFields, columnIndex } from './column-fields.ts'
import { isFoundById, type KeyedJob, keyPlaces } from './key-places.ts'
import type { RowResults } from './keyed-results.ts'
import type { ReadResultLine } from './result-lines.ts'
import { createRowVerdicts, type VerdictInput } from './row-verdict.ts'
import { matchWholeRows, refineGroups, type TieGroups, type TieSides } from './tie-groups.ts'
import { createTieTableBuilder, type TieTable } from './tie-table.ts'
import { isStableField } from './wire-value.ts'

export interface TieInput extends KeyedJob, VerdictInput {
  readonly describe: ObjectDescribe | null
}

export interface Tied<Results extends RowResults = RowResults> {
  /** One for each row, by ascending row number. */
  readonly results: Results
  /** Lines that decided no row. */
  readonly unmatchedLines: number
}

export interface Tie {
  /** The rows that were sent, each once; cells by `columns`. */
  addRow(row: StagedRow): void
  /** The lines of all three result files. */
  addLine(line: ReadResultLine): void
  /** To be called once, after all rows and lines. */
  finish(): Tied<RowResult[]>
}

/**
 * Ties the lines of a load's result files back to its rows: by the key column; then by content, as far as equal
 * counts prove it; then by outcome, where all lines left over have one. What is not proven is `unknown`, and only
 * what is proven is retryable: a row retried on another's line would be written twice.
 */
export function createTie(input: TieInput): Tie {
  const fields = columnFields(input.describe, input.columns)
  const idPlace = isFoundById(input.operation) ? columnIndex(input.columns, 'Id') : -1
  const builder = createTieTableBuilder(input.columns, fields, idPlace)
  return {
    addRow: builder.addRow,
    addLine: builder.addLine,
    finish: () => tieTable(input, fields, builder.finish()),
  }
}

function tieTable(
  input: TieInput,
  fields: readonly (FieldDescribe | null)[],
  table: TieTable,
): Tied<RowResult[]> {
  const judge = createJudge(input, table)

  let rest = wholeOf(table)
  const isComplete = rest.rows.length === rest.lines.length
  for (const place of keyPlaces(input, fields)) {
    // Where lines are missing, a key rewritten to that of another row may pass for it. Only an insert by a key that
    // Salesforce does not hold unique would double the row if it went again on that word.
    const mayRetry = isComplete || input.operation !== 'insert' || fields[place]?.unique === true
    rest = tieByKey(table, place, rest, (row, line) => judge.tie(row, line, mayRetry))
  }

  const columns = stableFirst(fields).flatMap((place) => table.columns[place] ?? [])
  if (rest.rows.length === rest.lines.length) {
    if (rest.rows.length > 0) judge.decide(refineGroups(rest, columns), true)
  } else if (columns.length > 0) {
    judge.decide(matchWholeRows(rest, columns), false)
  }
  return judge.finish(rest.lines.length === 0)
}

function wholeOf(table: TieTable): TieSides {
  return {
    rows: Int32Array.from(table.rowNumbers.keys()),
    lines: Int32Array.from(table.lines.keys()),
  }
}

/** Places of the columns in the order in which they split best. */
function stableFirst(fields: readonly (FieldDescribe | null)[]): number[] {
  const places = [...fields.keys()]
  const isStable = (place: number): boolean => isStableField(fields[place] ?? null)
  return [...places.filter(isStable), ...places.filter((place) => !isStable(place))]
}

/**
 * Ties the rows whose key one row and one line have, and no other; gives back what is left.
 * A key that may be rewritten counts only where all keys of the rows are found: else it may be another row's key that
 * was rewritten to this one.
 */
function tieByKey(
  table: TieTable,
  place: number,
  rest: TieSides,
  tie: (row: number, line: number) => void,
): TieSides {
  const column = table.columns[place]
  if (column === null || column === undefined) return rest
  const { rows, lines, count } = column.values
  const rowOf = soleMembers(rest.rows, rows, count)
  const lineOf = soleMembers(rest.lines, lines, count)
  const isPair = (value: number): boolean =>
    value !== column.blank && (rowOf[value] ?? -1) >= 0 && (lineOf[value] ?? -1) >= 0
  const isFaithful = rest.rows.every((row) => isPair(rows[row] ?? -1))
  const isTied = (value: number): boolean =>
    isPair(value) && (isFaithful || column.inert[value] === 1)
  for (let value = 0; value < count; value++) {
    if (isTied(value)) tie(rowOf[value] ?? -1, lineOf[value] ?? -1)
  }
  return {
    rows: rest.rows.filter((row) => !isTied(rows[row] ?? -1)),
    lines: rest.lines.filter((line) => !isTied(lines[line] ?? -1)),
  }
}

/** By value: the only member that has it; -1 where none has, -2 where several have. */
function soleMembers(members: Int32Array, values: Int32Array, count: number): Int32Array {
  const sole = new Int32Array(count).fill(-1)
  for (const member of members) {
    const value = values[member] ?? 0
    sole[value] = sole[value] === -1 ? member : -2
  }
  return sole
}

/** Turns ties into row results. */
function createJudge(input: TieInput, table: TieTable) {
  const verdicts = createRowVerdicts(input)
  const results: (RowResult | undefined)[] = new Array(table.rowNumbers.length)
  let usedLines = 0

  const numberOf = (row: number): number => table.rowNumbers[row] ?? 0

  const decideGroup = (rows: Int32Array, group: Int32Array, isProven: boolean): void => {
    const lines = [...group].flatMap((line) => table.lines[line] ?? [])
    const [first] = lines
    const [firstRow] = rows
    if (first === undefined || firstRow === undefined) return
    if (rows.every((row) => table.areIdentical(row, firstRow))) {
      rows.forEach((row, index) => {
        results[row] = verdicts.of(numberOf(row), lines[index] ?? first, isProven)
      })
    } else if (lines.every((line) => line.outcome === first.outcome)) {
      const shared = verdicts.shared(lines, verdicts.of(numberOf(firstRow), first, isProven))
      for (const row of rows) results[row] = { ...shared, rowNumber: numberOf(row) }
    } else return
    usedLines += lines.length
  }

  const tie = (row: number, line: number, mayRetry: boolean): void => {
    const outcome = table.lines[line]
    if (outcome === undefined) return
    results[row] = verdicts.of(numberOf(row), outcome, mayRetry)
    usedLines++
  }

  return {
    tie,

    /** Decides the rows of each group as far as its lines agree. `isProven`: no line can be a stranger's. */
    decide({ rows, lines, bounds }: TieGroups, isProven: boolean): void {
      for (let index = 0; index < bounds.length; index += 2) {
        const start = bounds[index] ?? 0
        const end = bounds[index + 1] ?? 0
        if (end - start === 1) tie(rows[start] ?? -1, lines[start] ?? -1, isProven)
        else decideGroup(rows.subarray(start, end), lines.subarray(start, end), isProven)
      }
    },

    /** `areLinesSpent`: no line is left that could be that of an undecided row. */
    finish(areLinesSpent: boolean): Tied<RowResult[]> {
      const complete = table.rowNumbers.map(
        (rowNumber, row) => results[row] ?? verdicts.unknown(rowNumber, areLinesSpent),
      )
      complete.sort((left, right) => left.rowNumber - right.rowNumber)
      return { results: complete, unmatchedLines: table.lines.length - usedLines }
    },
  }
}
