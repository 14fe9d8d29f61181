import { join } from 'node:path'
import { freePort } from '../../dev/stack/free-port.ts'
import { startPostgres } from '../../dev/stack/postgres.ts'
import { obtainTemporalBinary } from '../../dev/stack/temporal-binary.ts'
import { startTemporalServer } from '../../dev/stack/temporal-server.ts'
import { endChildrenWithProcess } from './end-with-run.ts'

/**
 * Starts what all integration tests share: one Postgres, on which each test makes a database of its own,
 * and one Temporal server, on which each has its own task queues. Where the environment names them
 * already, those are used. Both keep what they write in the folder of the run.
 */
export async function setup(): Promise<() => Promise<void>> {
  const directory = process.env['TEST_RUN_FOLDER']
  if (directory === undefined) throw new Error('TEST_RUN_FOLDER is not set by the run folder.')
  endChildrenWithProcess()
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
    const temporal = await startTemporalServer({
      binary: binary.path,
      port: await freePort(),
      logFile: join(directory, 'temporal.log'),
    })
    process.env['TEST_TEMPORAL_ADDRESS'] = temporal.address
    stops.push(() => temporal.stop())
  }
  return async () => {
    for (const stop of stops.reverse()) await stop()
  }
}
