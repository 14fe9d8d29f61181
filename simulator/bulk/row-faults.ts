import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { DEFAULT_ROW_ERROR, type JobEffect } from '../faults/fault.ts'
import { canonicalId } from '../ids.ts'
import { lockError } from '../locks/lock-error.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import type { PreparedRow } from './prepare-row.ts'
import type { RowLocks } from './row-locks.ts'

/** Refusals that a test asked for, row by row. Must be called inside the batch's transaction. */
export interface RowFaults {
  /** `index` is the row's 0-based place in the whole file. */
  check(index: number, cells: readonly string[], prepared: PreparedRow): RowError | null
}

export interface RowFaultsDeps {
  readonly database: DatabaseSync
  readonly header: readonly string[]
  readonly effects: readonly JobEffect[]
  readonly rowLocks: RowLocks
  /** A number from 0 up to but not 1, always the same for a row of this job. */
  readonly draw: (index: number) => number
}

type RowErrorEffect = Extract<JobEffect, { type: 'row_error' }>

/**
 * A chosen row fails the first `firstTries` times that its content is tried, whichever job tries
 * it; a row that was chosen once is remembered, so that a job of the failed rows alone ends.
 */
export function createRowFaults(deps: RowFaultsDeps): RowFaults {
  const { database, effects } = deps
  const chosen = effects.filter((effect): effect is RowErrorEffect => effect.type === 'row_error')
  const read = database.prepare('SELECT tries FROM effect_try WHERE effect = ? AND row = ?')
  const write = database.prepare(
    `INSERT INTO effect_try VALUES (?, ?, 1)
     ON CONFLICT (effect, row) DO UPDATE SET tries = tries + 1`,
  )
  const tests = chosen.map((effect) => matcher(effect, deps))

  return {
    check(index, cells, prepared) {
      for (const [position, effect] of chosen.entries()) {
        const matches = tests[position]?.(index, cells, prepared) === true
        if (effect.firstTries === null) {
          if (matches) return refusal(effect)
          continue
        }
        const row = createHash('sha1').update(cells.join('\u001f')).digest('base64')
        const tries = read.get(effect.fault, row)?.['tries']
        const due = tries === undefined ? matches : Number(tries) < effect.firstTries
        if (!due) continue
        write.run(effect.fault, row)
        return refusal(effect)
      }
      return null
    },
  }
}

/** A lock error that names no message of its own names the records, as the org does. */
function refusal(effect: RowErrorEffect): RowError {
  const { rows, code, message, fields } = effect
  if ('locks' in rows && code === DEFAULT_ROW_ERROR.code && message === DEFAULT_ROW_ERROR.message) {
    return lockError(rows.locks)
  }
  return rowError(code, message, ...fields)
}

type Matcher = (index: number, cells: readonly string[], prepared: PreparedRow) => boolean

function matcher({ rows }: RowErrorEffect, { header, rowLocks, draw }: RowFaultsDeps): Matcher {
  if ('everyKth' in rows) return (index) => (index + 1) % rows.everyKth === 0
  if ('share' in rows) return (index) => draw(index) < rows.share
  if ('locks' in rows) {
    const wanted = new Set(rows.locks.map((id) => canonicalId(id) ?? id))
    return (_index, _cells, prepared) => rowLocks(prepared).some((id) => wanted.has(id))
  }
  const column = header.findIndex((name) => name.toLowerCase() === rows.field.toLowerCase())
  if ('equals' in rows) {
    const values = new Set(rows.equals)
    return (_index, cells) => values.has(cells[column] ?? '')
  }
  const pattern = new RegExp(rows.pattern)
  return (_index, cells) => column >= 0 && pattern.test(cells[column] ?? '')
}
