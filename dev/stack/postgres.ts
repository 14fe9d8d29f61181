import { execFile } from 'node:child_process'
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { type Child, startChild, waitUntilReady } from './child-process.ts'
import { errorCode, unlessMissing } from './error-code.ts'
import { findPostgresBinaries } from './postgres-binaries.ts'
import { handOver, postgresUser, type SystemUser } from './postgres-user.ts'
import { identityOf, workingDirectoryOf } from './process-identity.ts'
import { StackProblem } from './stack-problem.ts'

const run = promisify(execFile)
const USER = 'conveyor'
const READY_SECONDS = 60
/** Backends of a killed server need a moment to notice; until then its memory is in use. */
const TAKEOVER_SECONDS = 20

export interface PostgresOptions {
  /**
   * The data folder, made where it is missing. Where this process is root the server runs as the
   * system user `postgres`, so other users must be able to enter the folders above.
   */
  directory: string
  port: number
  /** Taken when the folder is made, needed ever after. Default `conveyor`. */
  password?: string | undefined
  /** Made where it is missing. Default `conveyor`. */
  database?: string | undefined
  /** Further server settings, such as `{ fsync: 'off' }`. */
  settings?: Readonly<Record<string, string>> | undefined
  /** Default `server.log` in the data folder. */
  logFile?: string | undefined
  onSpawn?: ((pid: number) => void) | undefined
}

export interface RunningPostgres extends Child {
  readonly port: number
  /** A connection string with user, password and database. */
  readonly url: string
}

/**
 * Starts a Postgres server on 127.0.0.1 and waits until the database can be used. A folder whose
 * server was killed is taken over and recovers by itself; a missing one is made.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const directory = resolve(options.directory)
  const password = options.password ?? 'conveyor'
  const database = options.database ?? 'conveyor'
  const binaries = await findPostgresBinaries()
  const user = await postgresUser()
  const entries = (await unlessMissing(readdir(directory))) ?? []
  if (entries.length === 0) await initialise(directory, binaries.initdb, password, user)
  await handOver(directory, binaries.postgres, user)
  await dropForeignLock(directory)

  const settings = { max_connections: '200', unix_socket_directories: '', ...options.settings }
  const deadline = performance.now() + TAKEOVER_SECONDS * 1000
  for (;;) {
    const child = await startChild({
      name: 'Postgres',
      command: binaries.postgres,
      args: [
        ...['-D', directory, '-h', '127.0.0.1', '-p', String(options.port)],
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      user,
      logFile: options.logFile ?? join(directory, 'server.log'),
      // Fast, then immediate shutdown: PostgreSQL manual, "Shutting Down the Server".
      stop: [
        { signal: 'SIGINT', seconds: 15 },
        { signal: 'SIGQUIT', seconds: 5 },
      ],
      onSpawn: options.onSpawn,
    })
    const login = { host: '127.0.0.1', port: options.port, user: USER, password }
    try {
      await waitUntilReady(
        child,
        () => answers({ ...login, database: 'postgres' }, directory),
        READY_SECONDS,
        wayOut(directory),
      )
      await makeDatabase({ ...login, database: 'postgres' }, database)
    } catch (error) {
      await child.stop()
      const busy = /pre-existing shared memory block|lock file .* already exists/
      if (!busy.test(child.output()) || performance.now() > deadline) throw error
      await sleep(200)
      continue
    }
    const url = `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${options.port}/${database}`
    return { ...child, port: options.port, url }
  }
}

function wayOut(directory: string): string {
  return `If the folder is damaged: restore ${directory} from a copy, or move it away to begin with an empty database.`
}

/** Made aside and moved into place, so that a start that is killed leaves no half-made folder. */
async function initialise(
  directory: string,
  initdb: string,
  password: string,
  user: SystemUser | undefined,
): Promise<void> {
  const aside = `${directory}.new`
  const passwordFile = `${directory}.password`
  await rm(aside, { recursive: true, force: true })
  await mkdir(aside, { recursive: true, mode: 0o700 })
  await handOver(aside, initdb, user)
  try {
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (user !== undefined) await chown(passwordFile, user.uid, user.gid)
    await run(
      initdb,
      [
        ...['-D', aside, '-U', USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
        // The same sorting on every platform, whatever locales it has.
        ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin'],
        '--builtin-locale=C.UTF-8',
      ],
      { ...(user ?? {}), cwd: aside },
    )
  } catch (error) {
    if (error instanceof StackProblem) throw error
    throw new StackProblem(
      `The Postgres data folder ${directory} could not be made: ${String(error)}`,
      'Make room on the disk, or set CONVEYOR_STATE_DIR to a folder that can be written.',
      { cause: error },
    )
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rm(directory, { recursive: true, force: true })
  await rename(aside, directory)
}

/**
 * A killed server leaves `postmaster.pid`. Postgres itself ignores one whose process is gone, but
 * refuses to start where that number has been given to another process since.
 */
async function dropForeignLock(directory: string): Promise<void> {
  const file = join(directory, 'postmaster.pid')
  const text = await unlessMissing(readFile(file, 'utf8'))
  const pid = Number.parseInt(text ?? '', 10)
  if (!(pid > 0) || identityOf(pid) === undefined) return
  const folder = workingDirectoryOf(pid)
  if (folder === undefined) return
  if (folder === directory) {
    throw new StackProblem(
      `A Postgres server (process ${pid}) already runs on ${directory}.`,
      `Stop it with: kill -INT ${pid}`,
    )
  }
  await rm(file, { force: true })
}

async function answers(login: pg.ClientConfig, directory: string): Promise<boolean> {
  const client = new pg.Client({ ...login, connectionTimeoutMillis: 2_000 })
  client.on('error', ignoreLateError)
  try {
    await client.connect()
    return true
  } catch (error) {
    // 28P01 invalid_password: PostgreSQL manual, appendix A.
    if (errorCode(error) === '28P01') {
      throw new StackProblem(
        `The Postgres data in ${directory} was made with another password than the one kept beside it.`,
        'Restore secrets.json of the state folder, or move the state folder away to begin anew.',
        { cause: error },
      )
    }
    return false
  } finally {
    await client.end().catch(ignoreLateError)
  }
}

async function makeDatabase(login: pg.ClientConfig, name: string): Promise<void> {
  const client = new pg.Client(login)
  await client.connect()
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
}

/** The connection was a probe: that it breaks is the answer already given. */
function ignoreLateError(): void {}
