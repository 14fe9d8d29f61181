import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { migrate } from '../../db/migrate.ts'
import { createPool, type DatabasePool } from '../../db/pool.ts'

export interface TestDatabase {
  readonly databaseUrl: string
  readonly pool: DatabasePool
  drop(): Promise<void>
}

/** A migrated database of its own on the server that the global setup started. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env['TEST_DATABASE_URL']
  if (server === undefined) throw new Error('TEST_DATABASE_URL is not set by the global setup.')
  const name = `conveyor_test_${randomBytes(6).toString('hex')}`
  await onServer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const databaseUrl = url.toString()
  await migrate(databaseUrl)
  const pool = await createPool({ databaseUrl, size: 4, onError: () => {} })
  return {
    databaseUrl,
    pool,
    async drop() {
      await pool.end()
      await onServer(server, `drop database ${name} with (force)`)
    },
  }
}

async function onServer(databaseUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
