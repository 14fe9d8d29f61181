import type { DatabaseSync } from 'node:sqlite'

/** A callout that is still to be made; times in milliseconds since 1970. */
export interface QueuedCallout {
  readonly n: number
  readonly subscription: number
  readonly object: string
  readonly recordIds: readonly string[]
  readonly body: string
  readonly attempts: number
}

/** Callouts that an org's Apex has asked for. Writers run in a transaction. */
export interface CalloutQueue {
  add(callout: Omit<QueuedCallout, 'n' | 'attempts'>, due: number): void
  due(subscription: number, now: number, limit: number): QueuedCallout[]
  postpone(n: number, due: number): void
  remove(n: number): void
  removeOf(subscription: number): void
  makeDue(now: number): void
  count(subscription?: number): number
  clear(): void
}

export function createCalloutQueue(database: DatabaseSync): CalloutQueue {
  database.exec(`CREATE TABLE IF NOT EXISTS push_callout (
    n INTEGER PRIMARY KEY AUTOINCREMENT, subscription INTEGER NOT NULL, object TEXT NOT NULL,
    record_ids TEXT NOT NULL, body TEXT NOT NULL, due INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS push_callout_due ON push_callout (subscription, due)`)
  const insert = database.prepare(
    'INSERT INTO push_callout (subscription, object, record_ids, body, due) VALUES (?, ?, ?, ?, ?)',
  )
  const due = database.prepare(
    'SELECT * FROM push_callout WHERE subscription = ? AND due <= ? ORDER BY due, n LIMIT ?',
  )
  const postpone = database.prepare(
    'UPDATE push_callout SET due = ?, attempts = attempts + 1 WHERE n = ?',
  )
  const remove = database.prepare('DELETE FROM push_callout WHERE n = ?')
  const removeOf = database.prepare('DELETE FROM push_callout WHERE subscription = ?')
  const makeDue = database.prepare('UPDATE push_callout SET due = ? WHERE due > ?')
  const count = database.prepare('SELECT count(*) AS n FROM push_callout')
  const countOf = database.prepare('SELECT count(*) AS n FROM push_callout WHERE subscription = ?')
  const clear = database.prepare('DELETE FROM push_callout')

  return {
    add({ subscription, object, recordIds, body }, at) {
      insert.run(subscription, object, JSON.stringify(recordIds), body, at)
    },
    due: (subscription, now, limit) => due.all(subscription, now, limit).map(toCallout),
    postpone: (n, at) => void postpone.run(at, n),
    remove: (n) => void remove.run(n),
    removeOf: (subscription) => void removeOf.run(subscription),
    makeDue: (now) => void makeDue.run(now, now),
    count(subscription) {
      const row = subscription === undefined ? count.get() : countOf.get(subscription)
      return Number(row?.['n'] ?? 0)
    },
    clear: () => void clear.run(),
  }
}

function toCallout(row: Record<string, unknown>): QueuedCallout {
  return {
    n: Number(row['n']),
    subscription: Number(row['subscription']),
    object: String(row['object']),
    // This table is written by this module alone, from an array of ids.
    recordIds: JSON.parse(String(row['record_ids'])) as string[],
    body: String(row['body']),
    attempts: Number(row['attempts']),
  }
}
