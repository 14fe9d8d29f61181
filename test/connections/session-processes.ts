import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../dev/stack/free-port.ts'
import { childEnvironment } from '../setup/child-environment.ts'
import { createTestDatabase, type TestDatabase } from '../setup/database.ts'
import { endWithProcess } from '../setup/end-with-run.ts'
import { startTestOrg, TEST_CLIENT, type TestOrg } from '../setup/simulator.ts'

/** One process that calls Salesforce; see session-process.ts. */
export interface SessionProcess {
  /** What became of so many requests at once. */
  request(count: number): Promise<readonly string[]>
  takeOver(): Promise<void>
  /** The signal that ended it. */
  readonly ended: Promise<string | null>
  signal(name: NodeJS.Signals): void
  stop(): Promise<void>
}

/** An org whose refresh tokens rotate, a database, and processes that share its default connection. */
export interface SessionBench {
  readonly org: TestOrg
  readonly database: TestDatabase
  /** `machine` names the folder that processes of one machine share. */
  start(options?: {
    readonly failpoint?: string
    readonly machine?: string
    readonly refreshToken?: string
  }): Promise<SessionProcess>
  /** Calls of the token endpoint since the last reset, by status. */
  tokenCalls(): Promise<readonly number[]>
  forgetCalls(): Promise<void>
  /** Names of the files that the first machine keeps granted sessions in. */
  keptSessions(): Promise<readonly string[]>
  stop(): Promise<void>
}

export async function startSessionBench(): Promise<SessionBench> {
  const directory = await mkdtemp(join(tmpdir(), 'conveyor-sessions-'))
  const database = await createTestDatabase()
  const org = await startTestOrg({
    port: await freePort(),
    database: join(directory, 'org.sqlite'),
    logFile: join(directory, 'org.log'),
  })
  const processes: SessionProcess[] = []
  return {
    org,
    database,
    async start({ failpoint, machine = 'one', refreshToken = 'simulator-refresh-token' } = {}) {
      const started = await startProcess({
        ...childEnvironment(),
        NODE_ENV: 'test',
        DATABASE_URL: database.databaseUrl,
        SALESFORCE_CLIENT_ID: TEST_CLIENT.id,
        SALESFORCE_CLIENT_SECRET: TEST_CLIENT.secret,
        SALESFORCE_REFRESH_TOKEN: refreshToken,
        SALESFORCE_LOGIN_URL: org.url,
        SALESFORCE_TOKEN_ENCRYPTION_KEY: 'a text of at least thirty-two characters',
        CONVEYOR_ALLOW_ANY_LOGIN_HOST: 'true',
        CONVEYOR_STATE_DIR: join(directory, machine),
        ...(failpoint === undefined ? {} : { CONVEYOR_FAILPOINT: failpoint }),
      })
      processes.push(started)
      return started
    },
    async tokenCalls() {
      return (await org.calls('token')).map((call) => call.status)
    },
    async forgetCalls() {
      await fetch(`${org.url}/__simulator/calls`, { method: 'DELETE' })
    },
    keptSessions: () => readdir(join(directory, 'one', 'sessions')),
    async stop() {
      await Promise.all(processes.map((each) => each.stop()))
      await org.stop()
      await database.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function startProcess(env: Record<string, string>): Promise<SessionProcess> {
  const script = fileURLToPath(new URL('session-process.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, [script], {
    env,
    stdio: 'pipe',
    detached: true,
  })
  endWithProcess(child)
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error('No pipes.')
  // A process that is killed leaves its pipe; who waits for it learns that by `ended`.
  stdin.on('error', () => {})
  let errors = ''
  stderr.on('data', (text) => {
    errors += String(text)
  })
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const ended = once(child, 'exit').then(([, signal]) => signal as string | null)
  const ask = async (line: string): Promise<readonly string[]> => {
    stdin.write(`${line}\n`)
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`The process ended, ${await ended}: ${errors}`)
    return JSON.parse(value)
  }
  const first = await lines.next()
  if (first.value !== 'ready') throw new Error(`The process did not start: ${errors}`)
  return {
    request: (count) => ask(String(count)),
    async takeOver() {
      await ask('take-over')
    },
    ended,
    signal: (name) => void child.kill(name),
    async stop() {
      stdin.end()
      await ended
    },
  }
}
