import type { DatabaseSync } from 'node:sqlite'
import type { ChangeKind } from './subscription.ts'

/** A change that waits to be pushed; times in milliseconds since 1970. */
export interface QueuedChange {
  readonly n: number
  readonly subscription: number
  /** Changes that one Apex transaction saw share it. */
  readonly batch: string
  readonly object: string
  readonly recordId: string
  readonly kind: ChangeKind
  /** Names of the fields that an update changed. */
  readonly changed: readonly string[]
  /** Values at the time of the change; empty where they are read when it is sent. */
  readonly values: Readonly<Record<string, unknown>>
  /** Number of the User record that made the change. */
  readonly by: number
  readonly queued: number
  readonly due: number
  readonly attempts: number
}

export type NewChange = Omit<QueuedChange, 'n' | 'attempts'>

/** Changes to push, stored with the change itself. Writers run in a transaction. */
export interface ChangeQueue {
  /** Gives the change's number. */
  add(change: NewChange): number
  /** Whether a change of this record still stands under a number: a savepoint may have undone it. */
  holds(n: number, recordId: string): boolean
  /** Changes of a subscription that are due, oldest first; once one is, all that were never tried. */
  due(subscription: number, now: number, limit: number): QueuedChange[]
  /** All changes of the oldest batch that is due. */
  dueBatch(subscription: number, now: number): QueuedChange[]
  postpone(numbers: readonly number[], due: number): void
  remove(numbers: readonly number[]): void
  removeOf(subscription: number): void
  /** Makes everything due that waits for a later attempt. */
  makeDue(now: number): void
  count(subscription?: number): number
  clear(): void
}

export function createChangeQueue(database: DatabaseSync): ChangeQueue {
  // Numbers go on after a reset: a receiver may remember the ids that are made of them.
  database.exec(`CREATE TABLE IF NOT EXISTS push_change (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    subscription INTEGER NOT NULL, batch TEXT NOT NULL,
    object TEXT NOT NULL, record_id TEXT NOT NULL, kind TEXT NOT NULL,
    changed TEXT NOT NULL, record_values TEXT NOT NULL, changed_by INTEGER NOT NULL,
    queued INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS push_change_due ON push_change (subscription, due);
  CREATE INDEX IF NOT EXISTS push_change_batch ON push_change (subscription, batch)`)
  const insert = database.prepare(
    `INSERT INTO push_change (subscription, batch, object, record_id, kind, changed,
       record_values, changed_by, queued, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const first = database.prepare(
    'SELECT batch FROM push_change WHERE subscription = ? AND due <= ? ORDER BY due, n LIMIT 1',
  )
  const due = database.prepare(
    `SELECT * FROM push_change WHERE subscription = ? AND (due <= ? OR attempts = 0)
     ORDER BY due, n LIMIT ?`,
  )
  const ofBatch = database.prepare(
    'SELECT * FROM push_change WHERE subscription = ? AND batch = ? ORDER BY n',
  )
  const postpone = database.prepare(
    'UPDATE push_change SET due = ?, attempts = attempts + 1 WHERE n = ?',
  )
  const one = database.prepare('SELECT 1 FROM push_change WHERE n = ? AND record_id = ?')
  const remove = database.prepare('DELETE FROM push_change WHERE n = ?')
  const removeOf = database.prepare('DELETE FROM push_change WHERE subscription = ?')
  const makeDue = database.prepare('UPDATE push_change SET due = ? WHERE due > ?')
  const count = database.prepare('SELECT count(*) AS n FROM push_change')
  const countOf = database.prepare('SELECT count(*) AS n FROM push_change WHERE subscription = ?')
  const clear = database.prepare('DELETE FROM push_change')

  return {
    add(change) {
      const { lastInsertRowid } = insert.run(
        change.subscription,
        change.batch,
        change.object,
        change.recordId,
        change.kind,
        JSON.stringify(change.changed),
        JSON.stringify(change.values),
        change.by,
        change.queued,
        change.due,
      )
      return Number(lastInsertRowid)
    },
    holds: (n, recordId) => one.get(n, recordId) !== undefined,
    due(subscription, now, limit) {
      if (first.get(subscription, now) === undefined) return []
      return due.all(subscription, now, limit).map(toChange)
    },
    dueBatch(subscription, now) {
      const batch = first.get(subscription, now)?.['batch']
      return batch === undefined ? [] : ofBatch.all(subscription, String(batch)).map(toChange)
    },
    postpone(numbers, at) {
      for (const n of numbers) postpone.run(at, n)
    },
    remove(numbers) {
      for (const n of numbers) remove.run(n)
    },
    removeOf: (subscription) => void removeOf.run(subscription),
    makeDue: (now) => void makeDue.run(now, now),
    count(subscription) {
      const row = subscription === undefined ? count.get() : countOf.get(subscription)
      return Number(row?.['n'] ?? 0)
    },
    clear: () => void clear.run(),
  }
}

function toChange(row: Record<string, unknown>): QueuedChange {
  return {
    n: Number(row['n']),
    subscription: Number(row['subscription']),
    batch: String(row['batch']),
    object: String(row['object']),
    recordId: String(row['record_id']),
    // This table is written by this module alone, from NewChange.
    kind: String(row['kind']) as ChangeKind,
    changed: JSON.parse(String(row['changed'])) as string[],
    values: JSON.parse(String(row['record_values'])) as Record<string, unknown>,
    by: Number(row['changed_by']),
    queued: Number(row['queued']),
    due: Number(row['due']),
    attempts: Number(row['attempts']),
  }
}
