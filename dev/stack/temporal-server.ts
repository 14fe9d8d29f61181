import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Child, startChild, waitUntilReady } from './child-process.ts'
import { StackProblem } from './stack-problem.ts'

const run = promisify(execFile)
const READY_SECONDS = 60

export interface TemporalServerOptions {
  /** The `temporal` command, as `obtainTemporalBinary` gives it. */
  binary: string
  port: number
  /** Port of the web interface; headless where absent. */
  uiPort?: number | undefined
  /** Where pages of the web interface have sealed payloads opened; they stay sealed where absent. */
  codecEndpoint?: string | undefined
  /** Everything is kept in memory, and lost at the end, where absent. */
  databaseFile?: string | undefined
  /** Default `default`; made where it is missing. */
  namespace?: string | undefined
  /** How long ended workflows can be read and reset. Default 30 days. */
  retentionHours?: number | undefined
  /** Default: beside the database file, or in the temporary folder. */
  logFile?: string | undefined
  onSpawn?: ((pid: number) => void) | undefined
}

export interface RunningTemporalServer extends Child {
  readonly port: number
  /** `127.0.0.1:<port>`, as Temporal's clients take it. */
  readonly address: string
}

/**
 * Starts Temporal's development server on 127.0.0.1 and waits until it serves the namespace. With
 * a database file it may be killed at any time: workflows go on with the next start.
 */
export async function startTemporalServer(
  options: TemporalServerOptions,
): Promise<RunningTemporalServer> {
  const { binary, port, uiPort, databaseFile, namespace = 'default' } = options
  if (databaseFile !== undefined) await mkdir(dirname(databaseFile), { recursive: true })
  const child = await startChild({
    name: 'Temporal server',
    command: binary,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
      ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
      ...(options.codecEndpoint === undefined
        ? []
        : ['--ui-codec-endpoint', options.codecEndpoint]),
      ...(databaseFile === undefined ? [] : ['--db-filename', databaseFile]),
      // A write-ahead log is ten times as fast as SQLite's default and survives a kill alike.
      ...(databaseFile === undefined
        ? []
        : ['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL']),
      ...['--namespace', namespace, '--log-level', 'error'],
    ],
    logFile:
      options.logFile ??
      (databaseFile === undefined
        ? join(tmpdir(), `conveyor-temporal-${randomUUID()}.log`)
        : `${databaseFile}.log`),
    stop: [{ signal: 'SIGTERM', seconds: 10 }],
    onSpawn: options.onSpawn,
  })
  const address = `127.0.0.1:${port}`
  const cli = (...args: string[]) => run(binary, [...args, '--address', address])
  try {
    const serves = async () =>
      (await listens(port)) && succeeds(cli('operator', 'namespace', 'describe', '-n', namespace))
    await waitUntilReady(child, serves, READY_SECONDS, wayOut(databaseFile))
    const retention = `${options.retentionHours ?? 720}h`
    await cli('operator', 'namespace', 'update', '-n', namespace, '--retention', retention)
  } catch (error) {
    await child.stop()
    throw error instanceof StackProblem
      ? error
      : new StackProblem(
          `The Temporal server did not take its settings: ${String(error)}`,
          wayOut(databaseFile),
          { cause: error },
        )
  }
  return { ...child, port, address }
}

function wayOut(databaseFile: string | undefined): string {
  return databaseFile === undefined
    ? 'Start again; the log above says more.'
    : `If ${databaseFile} is damaged, move it away with its -wal and -shm: unfinished jobs are started again from Postgres.`
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** A refused call says only that the server does not serve yet; its log holds the reason. */
function succeeds(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => true,
    () => false,
  )
}
