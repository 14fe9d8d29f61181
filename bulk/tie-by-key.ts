import { columnFields, columnIndex } from './column-fields.ts'
import { createKeyCellHash, type KeyCellHash } from './key-cell-hash.ts'
import { isFoundById, keyPlaces } from './key-places.ts'
import { createKeyedResults } from './keyed-results.ts'
import type { ResultRecord } from './result-lines.ts'
import { createRowVerdicts } from './row-verdict.ts'
import type { ScannedRecord } from './scan-csv.ts'
import type { Tied, TieInput } from './tie-results.ts'

/** Ties by the best key column alone. */
export interface KeyTie {
  /** Name of the column that names a row. */
  readonly keyColumn: string
  /** A row that was sent, each once, in ascending order; `place` is that of the key column, -1 where it is missing. */
  addRow(rowNumber: number, record: ScannedRecord, place: number): void
  /** A line of any of the three result files; after all rows. */
  addRecord(record: ResultRecord): void
  /** To be called once. Null where keys alone do not decide every row: then all columns must. */
  finish(): Tied | null
}

/**
 * The case of nearly every load that has a key: as many lines as rows, each row's key found in one line and each
 * line's in one row. Then no line can be another row's, and no other column is looked at, which takes a fraction of
 * the time. Whatever is not so clear is left to `createTie`, which says the same in the clear case.
 * Null where the job has no key column.
 */
export function createKeyTie(input: TieInput): KeyTie | null {
  const fields = columnFields(input.describe, input.columns)
  const place = keyPlaces(input, fields)[0]
  const keyColumn = place === undefined ? undefined : input.columns[place]
  if (place === undefined || keyColumn === undefined) return null
  const hash = createKeyCellHash(fields[place] ?? null)
  const rows = createKeyedRows(hash)
  let decided: ReturnType<typeof createKeyedResults> | null = null
  const findPlace = createPlaceFinder(keyColumn)
  const hasIdInstead = isFoundById(input.operation)
  const lanes = new Uint32Array(2)
  let isClear = true
  let lines = 0

  function hashLine(record: ResultRecord): boolean {
    const isThere = hash.ofCell(record.record, findPlace(record), lanes, 0)
    // A line that does not echo the Id still has Salesforce's own.
    return isThere || (hasIdInstead && hash.ofText(record.salesforceId() ?? '', lanes, 0))
  }

  return {
    keyColumn,

    addRow(rowNumber, record, keyPlace) {
      if (isClear) isClear = rows.add(rowNumber, record, keyPlace)
    },

    addRecord(record) {
      if (!isClear) return
      lines += 1
      decided ??= createKeyedResults(rows.numbers, createRowVerdicts(input))
      const row = hashLine(record) ? rows.find(lanes[0] ?? 0, lanes[1] ?? 0) : -1
      if (row < 0 || decided.isDecided(row)) isClear = false
      else decided.decide(row, record)
    },

    finish() {
      // Each line decided a row of its own, so equal counts mean that none is left.
      const isAll = isClear && lines === rows.numbers.length
      return isAll && decided !== null ? { results: decided.results, unmatchedLines: 0 } : null
    },
  }
}

/** Rows by the hashes of their keys. */
function createKeyedRows(hash: KeyCellHash) {
  const numbers: number[] = []
  let keys = new Uint32Array(2 * 1024)
  let slots: Int32Array | null = null
  let areDistinct = true

  /** Slot of a key: that of the row that has it, or the free one where it would stand. */
  function slotOf(table: Int32Array, low: number, high: number): number {
    const mask = table.length - 1
    let slot = (low ^ Math.imul(high, 0x9e3779b1)) & mask
    for (;;) {
      const row = table[slot] ?? -1
      if (row < 0 || (keys[2 * row] === low && keys[2 * row + 1] === high)) return slot
      slot = (slot + 1) & mask
    }
  }

  function build(): Int32Array {
    let size = 16
    while (size < 2 * numbers.length) size *= 2
    const table = new Int32Array(size).fill(-1)
    for (let row = 0; row < numbers.length; row++) {
      const slot = slotOf(table, keys[2 * row] ?? 0, keys[2 * row + 1] ?? 0)
      if ((table[slot] ?? -1) >= 0) areDistinct = false
      else table[slot] = row
    }
    return table
  }

  return {
    numbers,
    /** False where the row has no key. */
    add(rowNumber: number, record: ScannedRecord, place: number): boolean {
      const row = numbers.length
      if (2 * row === keys.length) {
        const grown = new Uint32Array(2 * keys.length)
        grown.set(keys)
        keys = grown
      }
      numbers.push(rowNumber)
      return hash.ofCell(record, place, keys, 2 * row)
    },
    /** Place of the row that has the key; -1 where none has, or where any two rows share one. */
    find(low: number, high: number): number {
      slots ??= build()
      return areDistinct ? (slots[slotOf(slots, low, high)] ?? -1) : -1
    },
  }
}

/** Place of the key column in the records of a result file. */
function createPlaceFinder(keyColumn: string) {
  let latest: readonly string[] | null = null
  let place = -1
  return (record: ResultRecord): number => {
    if (latest !== record.columns) {
      latest = record.columns
      place = record.places[columnIndex(record.columns, keyColumn)] ?? -1
    }
    return place
  }
}
