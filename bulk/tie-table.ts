import type { StagedRow } from '../contracts/bulk-job.ts'
import type { FieldDescribe } from '../contracts/metadata.ts'
import { isInertValue } from './inert-value.ts'
import type { ReadResultLine, ResultKind } from './result-lines.ts'
import { canonicalId } from './salesforce-id.ts'
import type { TieColumn } from './tie-groups.ts'
import { createHashColumn, type HashColumn, numberValues } from './value-table.ts'
import { comparableValue, wireValue } from './wire-value.ts'

/** Rows and lines of one load, boiled down to what tying needs: numbers for values, and the outcome of each line. */
export interface TieTable {
  readonly rowNumbers: readonly number[]
  /** Whether two rows are the same in every sent cell: such rows are interchangeable. */
  readonly areIdentical: (row: number, other: number) => boolean
  readonly lines: readonly OutcomeLine[]
  /** By the place of the sent column; null where a result file does not echo it. */
  readonly columns: readonly (TieColumn | null)[]
}

export interface OutcomeLine {
  readonly outcome: ResultKind
  readonly salesforceId: string | null
  readonly created: boolean | null
  readonly error: string | null
}

export interface TieTableBuilder {
  /** Rows that were sent, each once; cells by the columns. */
  addRow(row: StagedRow): void
  addLine(line: ReadResultLine): void
  finish(): TieTable
}

/**
 * Boils rows and lines down one at a time, so that a load is tied without holding its text.
 * `idPlace` is the place of the Id column where the operation finds its records by it: a line that does not echo the
 * Id still has `sf__Id`.
 */
export function createTieTableBuilder(
  columns: readonly string[],
  fields: readonly (FieldDescribe | null)[],
  idPlace: number,
): TieTableBuilder {
  const rowSide = columns.map(() => createHashColumn())
  const inert = columns.map(() => createFlags())
  const blanks = columns.map(() => createFlags())
  const spellings = createHashColumn()
  const rowNumbers: number[] = []
  const lineSide = columns.map(() => createHashColumn())
  const isEchoed = columns.map(() => true)
  const outcomes: OutcomeLine[] = []
  const placesOf = createPlaceFinder(columns)

  return {
    addRow(row) {
      rowNumbers.push(row.rowNumber)
      let spelling = ''
      for (let place = 0; place < columns.length; place++) {
        const field = fields[place] ?? null
        const cell = row.cells[place] ?? null
        const sent = cell === null ? '' : wireValue(cell, field)
        const comparable = comparableValue(sent, field)
        rowSide[place]?.push(comparable)
        inert[place]?.push(isInertValue(sent, comparable, field))
        blanks[place]?.push(comparable === '')
        // A cell that leaves its field alone differs from one that clears it, though both are echoed blank.
        if (cell === null) spelling += `${place}-`
        else if (sent !== comparable) spelling += `${place}:${sent.length}:${sent}`
      }
      spellings.push(spelling)
    },

    addLine({ columns: echoed, line }) {
      const places = placesOf(echoed)
      for (let place = 0; place < columns.length; place++) {
        const field = fields[place] ?? null
        const cell = line.cells[places[place] ?? -1]
        let comparable = cell === undefined ? '' : comparableValue(cell, field)
        if (place === idPlace && comparable === '') {
          comparable = comparableValue(line.salesforceId ?? '', field)
        } else if (cell === undefined) isEchoed[place] = false
        lineSide[place]?.push(comparable)
      }
      outcomes.push({
        outcome: line.outcome,
        salesforceId:
          line.salesforceId === null ? null : (canonicalId(line.salesforceId) ?? line.salesforceId),
        created: line.created,
        error: line.error,
      })
    },

    finish() {
      const numbered = columns.map((_, place) =>
        tieColumn(rowSide[place], lineSide[place], inert[place], blanks[place]),
      )
      const rowValues = numbered.map((column) => column.values.rows)
      rowValues.push(numberValues(spellings, createHashColumn()).rows)
      return {
        rowNumbers,
        areIdentical: (row, other) => rowValues.every((values) => values[row] === values[other]),
        lines: outcomes,
        columns: numbered.map((column, place) => (isEchoed[place] ? column : null)),
      }
    },
  }
}

function tieColumn(
  ofRows: HashColumn | undefined,
  ofLines: HashColumn | undefined,
  inertRows: Flags | undefined,
  blankRows: Flags | undefined,
): TieColumn {
  const values = numberValues(ofRows ?? createHashColumn(), ofLines ?? createHashColumn())
  const inert = new Uint8Array(values.count).fill(1)
  let blank = -1
  values.rows.forEach((value, row) => {
    // One spelling that may be rewritten is enough: that row's line may carry another value.
    if (inertRows?.at(row) !== 1) inert[value] = 0
    if (blankRows?.at(row) === 1) blank = value
  })
  return { values, inert, blank }
}

/** Places of the sent columns among the echoed ones, by name without regard to case; -1 where one is not echoed. */
function createPlaceFinder(columns: readonly string[]) {
  const wanted = columns.map((column) => column.trim().toLowerCase())
  let latest: readonly string[] | null = null
  let places: readonly number[] = []
  return (echoed: readonly string[]): readonly number[] => {
    if (latest !== echoed) {
      latest = echoed
      const names = echoed.map((name) => name.trim().toLowerCase())
      places = wanted.map((name) => names.indexOf(name))
    }
    return places
  }
}

interface Flags {
  push(flag: boolean): void
  at(index: number): number
}

function createFlags(): Flags {
  let flags = new Uint8Array(64)
  let length = 0
  return {
    push(flag) {
      if (length === flags.length) {
        const grown = new Uint8Array(2 * length)
        grown.set(flags)
        flags = grown
      }
      flags[length++] = flag ? 1 : 0
    },
    at: (index) => flags[index] ?? 0,
  }
}
