import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../dev/stack/free-port.ts'
import { startPostgres } from '../../dev/stack/postgres.ts'
import { obtainTemporalBinary } from '../../dev/stack/temporal-binary.ts'
import { startTemporalServer } from '../../dev/stack/temporal-server.ts'

/**
 * Starts what all integration tests share: one Postgres, on which each test makes a database of its own,
 * and one Temporal server, on which each has its own task queues. Where the environment names them
 * already, those are used.
 */
export async function setup(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'conveyor-test-'))
  // Where the run is root's, Postgres runs as another user and must be able to enter.
  await chmod(directory, 0o711)
  const stops: (() => Promise<void>)[] = []
  if (process.env['TEST_DATABASE_URL'] === undefined) {
    const postgres = await startPostgres({
      directory: join(directory, 'postgres'),
      port: await freePort(),
      // Nothing of a test run outlives it.
      settings: { fsync: 'off', max_connections: '300' },
    })
    process.env['TEST_DATABASE_URL'] = postgres.url
    stops.push(() => postgres.stop())
  }
  if (process.env['TEST_TEMPORAL_ADDRESS'] === undefined) {
    const binary = await obtainTemporalBinary({
      env: process.env,
      report: (line) => process.stderr.write(`${line}\n`),
    })
    const temporal = await startTemporalServer({ binary: binary.path, port: await freePort() })
    process.env['TEST_TEMPORAL_ADDRESS'] = temporal.address
    stops.push(() => temporal.stop())
  }
  return async () => {
    for (const stop of stops.reverse()) await stop()
    await rm(directory, { recursive: true, force: true })
  }
}
