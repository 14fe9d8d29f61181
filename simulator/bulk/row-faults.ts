import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { JobEffect } from '../faults/fault.ts'
import { type RowError, rowError } from '../values/row-error.ts'

/** Refusals that a test asked for, row by row. Must be called inside the batch's transaction. */
export interface RowFaults {
  /** `index` is the row's 0-based place in the whole file. */
  check(index: number, cells: readonly string[]): RowError | null
}

type RowErrorEffect = Extract<JobEffect, { type: 'row_error' }>

/**
 * A chosen row fails the first `firstTries` times that its content is tried, whichever job tries
 * it; a row that was chosen once is remembered, so that a job of the failed rows alone ends.
 */
export function createRowFaults(
  database: DatabaseSync,
  header: readonly string[],
  effects: readonly JobEffect[],
): RowFaults {
  const chosen = effects.filter((effect): effect is RowErrorEffect => effect.type === 'row_error')
  const read = database.prepare('SELECT tries FROM effect_try WHERE effect = ? AND row = ?')
  const write = database.prepare(
    `INSERT INTO effect_try VALUES (?, ?, 1)
     ON CONFLICT (effect, row) DO UPDATE SET tries = tries + 1`,
  )
  const tests = chosen.map((effect) => matcher(effect, header))

  return {
    check(index, cells) {
      for (const [position, effect] of chosen.entries()) {
        const matches = tests[position]?.(index, cells) === true
        if (effect.firstTries === null) {
          if (matches) return rowError(effect.code, effect.message, ...effect.fields)
          continue
        }
        const row = createHash('sha1').update(cells.join('\u001f')).digest('base64')
        const tries = read.get(effect.fault, row)?.['tries']
        const due = tries === undefined ? matches : Number(tries) < effect.firstTries
        if (!due) continue
        write.run(effect.fault, row)
        return rowError(effect.code, effect.message, ...effect.fields)
      }
      return null
    },
  }
}

function matcher(effect: RowErrorEffect, header: readonly string[]) {
  const { rows } = effect
  if ('everyKth' in rows) return (index: number) => (index + 1) % rows.everyKth === 0
  const column = header.findIndex((name) => name.toLowerCase() === rows.field.toLowerCase())
  if ('equals' in rows) {
    const values = new Set(rows.equals)
    return (_: number, cells: readonly string[]) => values.has(cells[column] ?? '')
  }
  const pattern = new RegExp(rows.pattern)
  return (_: number, cells: readonly string[]) => column >= 0 && pattern.test(cells[column] ?? '')
}
