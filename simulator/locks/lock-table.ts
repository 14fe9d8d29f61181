import type { DatabaseSync } from 'node:sqlite'

/** One internal batch in process, by the number of its job and its first row. */
export interface LockHolder {
  readonly job: number
  readonly batch: number
}

/**
 * Records that batches in process hold. A batch holds its records from the moment its rows are taken
 * up until it is committed or given up; all threads see them, because they are in the database.
 */
export interface LockTable {
  /**
   * Takes the records that nobody holds and gives those that others do. Must run inside a
   * transaction.
   */
  claim(holder: LockHolder, records: Iterable<string>): ReadonlySet<string>
  /** Lets go what a batch holds. Must run inside the transaction that commits it. */
  release(holder: LockHolder): void
  releaseJob(job: number): void
  isHeld(record: string): boolean
  /** Lets go everything: what a process held that ended is held by nobody. */
  clear(): void
}

export function createLockTable(database: DatabaseSync): LockTable {
  database.exec(`
    CREATE TABLE IF NOT EXISTS row_lock (
      record TEXT PRIMARY KEY, job INTEGER NOT NULL, batch INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS row_lock_holder ON row_lock (job, batch);
  `)
  const take = database.prepare('INSERT OR IGNORE INTO row_lock VALUES (?, ?, ?)')
  const release = database.prepare('DELETE FROM row_lock WHERE job = ? AND batch = ?')
  const releaseJob = database.prepare('DELETE FROM row_lock WHERE job = ?')
  const held = database.prepare('SELECT 1 FROM row_lock WHERE record = ?')

  return {
    claim({ job, batch }, records) {
      const others = new Set<string>()
      for (const record of records) {
        if (take.run(record, job, batch).changes === 0) others.add(record)
      }
      return others
    },
    release({ job, batch }) {
      release.run(job, batch)
    },
    releaseJob(job) {
      releaseJob.run(job)
    },
    isHeld: (record) => held.get(record) !== undefined,
    clear() {
      database.exec('DELETE FROM row_lock')
    },
  }
}
