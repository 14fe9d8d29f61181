import type { DatabaseSync } from 'node:sqlite'

/** What ingest jobs took out of the day's allowance. */
export interface BulkUse {
  /** Internal batches of the last 24 hours, each job's own parent batch included. */
  readonly batches: number
  /** Records that were tried in the last 24 hours. */
  readonly records: number
}

/** Counts what ingest jobs use, over restarts. */
export interface BulkUseStore {
  /** Must run inside the transaction that does what is counted. */
  add(batches: number, records: number): void
  lastDay(): BulkUse
}

const HOUR_MS = 3_600_000

/** The day rolls on by the hour: finer steps would need a row for each batch. */
export function createBulkUseStore(database: DatabaseSync, now: () => number): BulkUseStore {
  database.exec(`CREATE TABLE IF NOT EXISTS bulk_use (
    hour INTEGER PRIMARY KEY, batches INTEGER NOT NULL, records INTEGER NOT NULL
  ) STRICT`)
  const add = database.prepare(
    `INSERT INTO bulk_use VALUES (?, ?, ?) ON CONFLICT (hour) DO UPDATE
     SET batches = batches + excluded.batches, records = records + excluded.records`,
  )
  const forget = database.prepare('DELETE FROM bulk_use WHERE hour <= ?')
  const sum = database.prepare(
    `SELECT ifnull(sum(batches), 0) AS batches, ifnull(sum(records), 0) AS records
     FROM bulk_use WHERE hour > ?`,
  )
  const hour = (): number => Math.floor(now() / HOUR_MS)

  return {
    add(batches, records) {
      add.run(hour(), batches, records)
      forget.run(hour() - 48)
    },
    lastDay() {
      const row = sum.get(hour() - 24)
      return { batches: Number(row?.['batches'] ?? 0), records: Number(row?.['records'] ?? 0) }
    },
  }
}
