import type { Cell } from '../contracts/bulk-job.ts'
import { columnIndex } from './column-fields.ts'
import { CLEARING_VALUE } from './wire-value.ts'

/**
 * What goes on the wire: UTF-8, comma, LF, every value quoted. An empty cell leaves its field alone, `#N/A` clears it.
 * Line ends inside values stay as they are.
 */
export function ingestCsvHeader(columns: readonly string[]): string {
  return `${columns.map(quoted).join(',')}\n`
}

/**
 * One row's line, with its line end. `cells` are by `batchColumns`; a column that the batch does not have is empty.
 * A row without any value gets one quoted empty cell: a blank line might be skipped and the row lost.
 */
export function ingestCsvRow(
  columns: readonly string[],
  batchColumns: readonly string[],
  cells: readonly Cell[],
): string {
  const { sources, idPlace } = layoutOf(columns, batchColumns)
  let line = ''
  let isEmpty = true
  for (let place = 0; place < sources.length; place++) {
    if (place > 0) line += ','
    const cell = cells[sources[place] ?? -1] ?? null
    if (cell === null) continue
    if (cell !== '') line += quoted(cell)
    else if (place !== idPlace) line += `"${CLEARING_VALUE}"`
    else continue
    isEmpty = false
  }
  return isEmpty ? `""${line}\n` : `${line}\n`
}

interface Layout {
  /** For each column of the wire its place in the batch's cells; -1 where the batch does not have it. */
  readonly sources: readonly number[]
  /** Place of the Id column, whose cell is never `#N/A`; -1 where there is none. */
  readonly idPlace: number
}

/** Worked out once per pair of column lists: per row it would cost more than the encoding itself. */
const layouts = new WeakMap<readonly string[], WeakMap<readonly string[], Layout>>()

function layoutOf(columns: readonly string[], batchColumns: readonly string[]): Layout {
  let byBatch = layouts.get(columns)
  if (byBatch === undefined) {
    byBatch = new WeakMap()
    layouts.set(columns, byBatch)
  }
  let layout = byBatch.get(batchColumns)
  if (layout === undefined) {
    layout = {
      sources: columns.map((column) => columnIndex(batchColumns, column)),
      idPlace: columnIndex(columns, 'Id'),
    }
    byBatch.set(batchColumns, layout)
  }
  return layout
}

function quoted(value: string): string {
  return value.includes('"') ? `"${value.replaceAll('"', '""')}"` : `"${value}"`
}
