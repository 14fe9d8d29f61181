import { DatabaseSync } from 'node:sqlite'
import { makeId } from '../ids.ts'
import { type FieldDefinition, MASTER_RECORD, type ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { keyOf } from './key-of.ts'

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

/** The SQL expression of a value in a record's own data. Names come from the schema, never from a caller. */
export function valueExpression(field: FieldDefinition, alias = ''): string {
  return `json_extract(${alias}fields, '$.${field.name}')`
}

/** Parents that nobody deletes, and that nobody lists the children of. */
const KEPT_PARENTS: readonly string[] = ['User', 'Profile', 'OpportunityHistory']

/** Lookups by which a parent's records are found; all records have an owner, and nobody lists by it. */
export function indexedLookups(object: ObjectDefinition): readonly FieldDefinition[] {
  return object.fields.filter(
    (field) =>
      field.type === 'reference' &&
      field.system === null &&
      field.name !== MASTER_RECORD &&
      field.referenceTo.some((name) => !KEPT_PARENTS.includes(name)),
  )
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS definition (
    object TEXT PRIMARY KEY, definition TEXT NOT NULL, changed INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sequence (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
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
    created_by INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    started INTEGER,
    finished INTEGER,
    effects TEXT NOT NULL DEFAULT '[]',
    column_seed INTEGER
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
  database.function('record_id', { deterministic: true }, (prefix, n) =>
    makeId(String(prefix), Number(n)),
  )
  // SQLite's own `lower` knows ASCII alone.
  database.function('key_of', { deterministic: true }, (value) =>
    keyOf(value === null ? null : String(value)),
  )
  refuseOtherRelease(database, location.path)
  database.exec(TABLES)
  for (const object of schema.objects) createRecordTable(database, object)
  database.exec(`PRAGMA busy_timeout = ${busyMs}`)
  return database
}

/** Form of the tables. A file of another release is refused before anything is written to it. */
const FORM = 3

function refuseOtherRelease(database: DatabaseSync, path: string): void {
  const form = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'])
  if (form === FORM) return
  if (tables > 0) {
    database.close()
    throw new Error(
      `${path} holds an org of another release of the simulator. Delete it (with ${path}-wal, ${path}-shm and ${path}.files), or name another file.`,
    )
  }
  database.exec(`PRAGMA user_version = ${FORM}`)
}

/** Makes what an object's table lacks: itself, a column for each key, an index for each way to find records. */
export function createRecordTable(database: DatabaseSync, object: ObjectDefinition): void {
  const table = recordTable(object)
  database.exec(`CREATE TABLE IF NOT EXISTS ${table} (
    n INTEGER PRIMARY KEY, deleted INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL, created_by INTEGER NOT NULL,
    modified INTEGER NOT NULL, modified_by INTEGER NOT NULL, fields TEXT NOT NULL
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
      // Records from before the field was a key may hold values already.
      database.exec(`UPDATE ${table} SET ${column} = key_of(${valueExpression(field)})
        WHERE ${valueExpression(field)} IS NOT NULL`)
    }
    // Not a unique index: an external id need not be unique, and the writer words the refusal.
    database.exec(
      `CREATE INDEX IF NOT EXISTS "index_${object.name}_${field.name}"
       ON ${table} (${column}) WHERE ${column} IS NOT NULL`,
    )
  }
  for (const field of indexedLookups(object)) {
    database.exec(
      `CREATE INDEX IF NOT EXISTS "lookup_${object.name}_${field.name}"
       ON ${table} (${valueExpression(field)}) WHERE ${valueExpression(field)} IS NOT NULL`,
    )
  }
}

/** Whether an error says that another thread holds the write lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5
}

/** Runs `work` inside a transaction so that what it throws undoes its own writes and no others. */
export function savepoint<T>(database: DatabaseSync, work: () => T): T {
  database.exec('SAVEPOINT part')
  try {
    const result = work()
    database.exec('RELEASE part')
    return result
  } catch (error) {
    database.exec('ROLLBACK TO part; RELEASE part')
    throw error
  }
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
