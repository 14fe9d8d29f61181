import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

/** Any number does, as long as every process uses the same one. */
const ADVISORY_LOCK = 7_265_001

export interface Migration {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/** A database that must not be touched; the message says why and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

export async function readMigrations(
  directory = fileURLToPath(new URL('./migrations/', import.meta.url)),
): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(`${directory}/${name}`, 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/**
 * Brings the schema up to date and returns the names of the migrations that it applied.
 * Several processes may call it at once: a session advisory lock on a connection of its own lets one work.
 * @throws {MigrationError} where a landed migration was changed, or foreign `salesforce_*` tables exist.
 */
export async function migrate(databaseUrl: string, migrations?: Migration[]): Promise<string[]> {
  const wanted = migrations ?? (await readMigrations())
  const client = new pg.Client({ connectionString: databaseUrl, statement_timeout: 600_000 })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK])
    return await applyMissing(client, wanted)
  } finally {
    await client.end()
  }
}

async function applyMissing(client: pg.Client, wanted: Migration[]): Promise<string[]> {
  await refuseForeignTables(client)
  await client.query(`
    create table if not exists conveyor_migrations (
      name text primary key,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`)
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from conveyor_migrations',
  )
  const applied = new Map(rows.map((row) => [row.name, row.checksum]))
  const known = new Set(wanted.map((migration) => migration.name))
  for (const name of applied.keys()) {
    if (!known.has(name)) {
      throw new MigrationError(
        `The database was migrated by a newer release (${name}). Run that release, or restore a backup.`,
      )
    }
  }
  const done: string[] = []
  for (const migration of wanted) {
    const checksum = applied.get(migration.name)
    if (checksum === migration.checksum) continue
    if (checksum !== undefined) {
      throw new MigrationError(
        `Migration ${migration.name} differs from the one applied to this database. Restore the file; changes go into a new migration.`,
      )
    }
    await client.query('begin')
    try {
      await client.query(migration.sql)
      await client.query('insert into conveyor_migrations (name, checksum) values ($1, $2)', [
        migration.name,
        migration.checksum,
      ])
      await client.query('commit')
    } catch (error) {
      await client.query('rollback')
      throw new MigrationError(`Migration ${migration.name} failed and was rolled back.`, {
        cause: error,
      })
    }
    done.push(migration.name)
  }
  return done
}

/** A database of the service that this one replaces holds tables of the same names but another shape. */
async function refuseForeignTables(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ ours: boolean; foreign: string | null }>(`
    select
      to_regclass('conveyor_migrations') is not null as ours,
      (select string_agg(table_name, ', ' order by table_name) from information_schema.tables
        where table_schema = current_schema() and table_name like 'salesforce\\_%') as foreign`)
  const state = rows[0]
  if (state && !state.ours && state.foreign !== null) {
    throw new MigrationError(
      `The database already holds tables that Conveyor did not make (${state.foreign}). Use an empty database or another schema; nothing was changed.`,
    )
  }
}
