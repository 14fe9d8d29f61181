import { DatabaseSync } from 'node:sqlite'
import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'

/** The table that holds an object's records. */
export function recordTable(object: ObjectDefinition): string {
  return `"record_${object.name}"`
}

/** The column that holds the lower-case form of a unique or external-id field. */
export function keyColumn(field: FieldDefinition): string {
  return `"key_${field.name}"`
}

/** Fields that have a column and an index of their own. */
export function keyFields(object: ObjectDefinition): readonly FieldDefinition[] {
  return object.fields.filter((field) => field.unique || field.externalId)
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS sequence (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS session (
    token TEXT PRIMARY KEY, created INTEGER NOT NULL, refresh_token TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS refresh_token (
    token TEXT PRIMARY KEY, retired INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS job (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    operation TEXT NOT NULL,
    object TEXT NOT NULL,
    state TEXT NOT NULL,
    api_version REAL NOT NULL,
    external_id_field TEXT,
    assignment_rule_id TEXT,
    column_delimiter TEXT NOT NULL,
    line_ending TEXT NOT NULL,
    query TEXT,
    uploaded_bytes INTEGER,
    processed INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    retries INTEGER NOT NULL DEFAULT 0,
    active_ms INTEGER NOT NULL DEFAULT 0,
    error_message TEXT,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    started INTEGER,
    finished INTEGER,
    effects TEXT NOT NULL DEFAULT '[]'
  ) STRICT;
  CREATE INDEX IF NOT EXISTS job_state ON job (state);
  CREATE TABLE IF NOT EXISTS job_batch (
    job INTEGER NOT NULL, seq INTEGER NOT NULL,
    rows INTEGER NOT NULL, failed INTEGER NOT NULL,
    successful_csv BLOB NOT NULL, failed_csv BLOB NOT NULL,
    PRIMARY KEY (job, seq)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS effect_try (
    effect TEXT NOT NULL, row TEXT NOT NULL, tries INTEGER NOT NULL,
    PRIMARY KEY (effect, row)
  ) STRICT, WITHOUT ROWID;
`

/** Where an org's data lies. */
export interface DatabaseLocation {
  readonly path: string
  /** Whether it must survive a power cut; a killed process never loses what was committed. */
  readonly durable: boolean
}

/**
 * Opens the org's file and makes the tables that are missing, so that new objects and new key fields
 * appear in an existing org. `busyMs` is how long a write waits for another thread's transaction.
 */
export function openDatabase(location: DatabaseLocation, schema: Schema, busyMs: number) {
  const database = new DatabaseSync(location.path)
  database.exec(`PRAGMA busy_timeout = ${Math.max(busyMs, 5_000)}`)
  // Large pages and rare checkpoints: random keys otherwise rewrite the same pages at each batch.
  database.exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = ${location.durable ? 'NORMAL' : 'OFF'};
    PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 12000`)
  database.exec(TABLES)
  for (const object of schema.objects) createRecordTable(database, object)
  database.exec(`PRAGMA busy_timeout = ${busyMs}`)
  return database
}

function createRecordTable(database: DatabaseSync, object: ObjectDefinition): void {
  const table = recordTable(object)
  database.exec(`CREATE TABLE IF NOT EXISTS ${table} (
    n INTEGER PRIMARY KEY, deleted INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL, modified INTEGER NOT NULL, fields TEXT NOT NULL
  ) STRICT`)
  const present = new Set(
    database
      .prepare(`SELECT name FROM pragma_table_info(?)`)
      .all(`record_${object.name}`)
      .map((row) => String(row['name'])),
  )
  for (const field of keyFields(object)) {
    const column = keyColumn(field)
    if (!present.has(`key_${field.name}`)) {
      database.exec(`ALTER TABLE ${table} ADD COLUMN ${column} TEXT`)
    }
    // Not a unique index: an external id need not be unique, and the writer words the refusal.
    database.exec(
      `CREATE INDEX IF NOT EXISTS "index_${object.name}_${field.name}"
       ON ${table} (${column}) WHERE ${column} IS NOT NULL`,
    )
  }
}

/** Whether an error says that another thread holds the write lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5
}

/** Runs `work` in one write transaction; whatever it throws undoes everything. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Longest wait of the serving thread for a batch that is being committed. */
const PATIENCE_MS = 30_000

/**
 * A transaction of the serving thread: while a batch is being committed it waits without blocking,
 * so that other callers are served meanwhile.
 */
export async function patientTransaction<T>(database: DatabaseSync, work: () => T): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      return transaction(database, work)
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
}
