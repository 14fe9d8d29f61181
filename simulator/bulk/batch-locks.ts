import { lockError } from '../locks/lock-error.ts'
import type { LockTable } from '../locks/lock-table.ts'
import { createRandom, seedOf } from '../seeded-random.ts'
import type { Settings } from '../settings.ts'
import type { Job } from '../store/job-store.ts'
import type { RowError } from '../values/row-error.ts'
import type { PreparedRow } from './prepare-row.ts'
import type { RowLocks } from './row-locks.ts'

const NONE: ReadonlyMap<number, RowError> = new Map()

export interface BatchLocksDeps {
  readonly locks: LockTable
  readonly rowLocks: RowLocks
  readonly settings: () => Settings
  readonly job: Job
}

/** What the batches of a job hold while they are in process. */
export interface BatchLocks {
  /** Whether locks are kept at all. */
  kept(): boolean
  /**
   * Takes the records that a batch needs and gives the rows that lose against those who hold some
   * of them already, by their place in the batch. Must run inside a transaction.
   */
  claim(firstRow: number, rows: readonly PreparedRow[]): ReadonlyMap<number, RowError>
  /** Must run inside the transaction that commits the batch. */
  release(firstRow: number): void
  /** Lets go what batches hold that were given up, in a transaction of its own if there are any. */
  releaseAll(inTransaction: (work: () => void) => void): void
}

export function createBatchLocks({ locks, rowLocks, settings, job }: BatchLocksDeps): BatchLocks {
  const claimed = new Set<number>()

  /** The same row of the same job draws the same, whatever else happens in the org. */
  function loses(place: number, rate: number): boolean {
    return createRandom(settings().seed ^ seedOf(`${job.id}/lock/${place}`))() < rate
  }

  return {
    kept: () => settings().parentLockRate > 0,
    claim(firstRow, rows) {
      const rate = settings().parentLockRate
      if (rate === 0) return NONE
      const needed = rows.map(rowLocks)
      const held = locks.claim({ job: job.n, batch: firstRow }, new Set(needed.flat()))
      claimed.add(firstRow)
      const errors = new Map<number, RowError>()
      for (const [index, records] of needed.entries()) {
        const busy = records.filter((record) => held.has(record))
        if (busy.length > 0 && loses(firstRow + index, rate)) errors.set(index, lockError(busy))
      }
      return errors
    },
    release(firstRow) {
      // The rate may have changed since: what was taken is let go all the same.
      if (claimed.delete(firstRow)) locks.release({ job: job.n, batch: firstRow })
    },
    releaseAll(inTransaction) {
      if (claimed.size === 0) return
      inTransaction(() => locks.releaseJob(job.n))
      claimed.clear()
    },
  }
}
