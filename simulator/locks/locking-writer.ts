import { createRandom, type Random, seedOf } from '../seeded-random.ts'
import type { Settings } from '../settings.ts'
import type { RecordStore } from '../store/record-store.ts'
import type { RecordWriter, WriteResult } from '../store/record-writer.ts'
import { lockError } from './lock-error.ts'
import type { LockTable } from './lock-table.ts'
import { type LockingWrite, lockedRecords, upsertedId } from './locked-records.ts'

export interface LockingWriterDeps {
  readonly writer: RecordWriter
  readonly store: RecordStore
  readonly locks: LockTable
  readonly settings: () => Settings
}

/**
 * The writer of single calls: a write that needs a record which a batch in process holds fails at
 * the set rate. With the rate at 0 nothing is looked at.
 */
export function createLockingWriter(deps: LockingWriterDeps): RecordWriter {
  const { writer, store } = deps
  let seed: number | null = null
  let random: Random = () => 0

  /** A new seed begins a new sequence, so that a test can repeat what it saw. */
  function draw(settings: Settings): number {
    if (settings.seed !== seed) {
      seed = settings.seed
      random = createRandom(seed ^ seedOf('locks'))
    }
    return random()
  }

  function unless(write: () => LockingWrite, work: () => WriteResult): WriteResult {
    const settings = deps.settings()
    if (settings.parentLockRate === 0) return work()
    const wanted = write()
    const held = lockedRecords(store, wanted).filter((record) => deps.locks.isHeld(record))
    if (held.length === 0 || draw(settings) >= settings.parentLockRate) return work()
    const id = typeof wanted.id === 'string' ? wanted.id : null
    return { ok: false, error: lockError(held), id }
  }

  return {
    insert: (object, values, context) =>
      unless(
        () => ({ object, id: null, values }),
        () => writer.insert(object, values, context),
      ),
    update: (object, id, values, context) =>
      unless(
        () => ({ object, id, values }),
        () => writer.update(object, id, values, context),
      ),
    upsert: (object, key, values, context) =>
      unless(
        () => ({ object, id: upsertedId(store, object, key, values), values }),
        () => writer.upsert(object, key, values, context),
      ),
    delete: (object, id, hard, context) =>
      unless(
        () => ({ object, id, values: {} }),
        () => writer.delete(object, id, hard, context),
      ),
    undelete: (object, id, context) =>
      unless(
        () => ({ object, id, values: {} }),
        () => writer.undelete(object, id, context),
      ),
  }
}
