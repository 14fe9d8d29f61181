import type { RowResult } from '../contracts/bulk-job.ts'
import type { ResultKind, ResultRecord } from './result-lines.ts'
import type { RowVerdicts } from './row-verdict.ts'
import { canonicalId } from './salesforce-id.ts'

/** Results by the place of their row. They may be made anew at each call. */
export interface RowResults {
  readonly length: number
  at(place: number): RowResult | undefined
}

const ID_LENGTH = 18
const KINDS: readonly ResultKind[] = ['success', 'failed', 'unprocessed']
const UNDECIDED = 0xff
const NEW = 1
const NOT_NEW = 2

/**
 * What the lines say of rows, in some twenty bytes a row: a hundred thousand results as objects, several loads after
 * one another, would be most of what a process has in memory.
 */
export function createKeyedResults(rowNumbers: readonly number[], verdicts: RowVerdicts) {
  const kinds = new Uint8Array(rowNumbers.length).fill(UNDECIDED)
  const created = new Uint8Array(rowNumbers.length)
  const ids = Buffer.alloc(rowNumbers.length * ID_LENGTH)
  /** Ids that are none of Salesforce's. */
  const otherIds = new Map<number, string>()
  const errors = new Map<number, string>()

  function noteId(place: number, id: string | null): void {
    if (id === null) return
    const canonical = canonicalId(id)
    if (canonical === null) otherIds.set(place, id)
    else ids.write(canonical, place * ID_LENGTH, 'latin1')
  }

  function idAt(place: number): string | null {
    const start = place * ID_LENGTH
    if (ids[start] === 0) return otherIds.get(place) ?? null
    return ids.toString('latin1', start, start + ID_LENGTH)
  }

  return {
    isDecided: (place: number) => kinds[place] !== UNDECIDED,

    decide(place: number, record: ResultRecord): void {
      kinds[place] = KINDS.indexOf(record.outcome)
      const isNew = record.created()
      created[place] = isNew === null ? 0 : isNew ? NEW : NOT_NEW
      noteId(place, record.salesforceId())
      const error = record.error()
      if (error !== null) errors.set(place, error)
    },

    /** To be asked only when every row is decided. */
    results: {
      length: rowNumbers.length,
      at(place) {
        const rowNumber = rowNumbers[place]
        const outcome = KINDS[kinds[place] ?? UNDECIDED]
        if (rowNumber === undefined || outcome === undefined) return undefined
        const line = {
          outcome,
          salesforceId: idAt(place),
          created: created[place] === 0 ? null : created[place] === NEW,
          error: errors.get(place) ?? null,
        }
        return verdicts.of(rowNumber, line, true)
      },
    } satisfies RowResults,
  }
}
