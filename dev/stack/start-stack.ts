import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { loadConfig } from '../../config/environment.ts'
import { secretTable } from './address-table.ts'
import { acquireInstanceLock } from './instance-lock.ts'
import { createPidFiles } from './pid-files.ts'
import { checkPortFree, type PortClaim } from './port-check.ts'
import { serviceEnvironment } from './service-environment.ts'
import { createStackParts, STOP_ORDER } from './stack-parts.ts'
import { StackProblem } from './stack-problem.ts'
import { loadStackSecrets } from './stack-secrets.ts'
import { readStackSettings, type StackSettings } from './stack-settings.ts'
import { createSupervisor, type Part } from './supervisor.ts'
import { obtainTemporalBinary } from './temporal-binary.ts'

export interface StackOptions {
  env: NodeJS.ProcessEnv
  /** Takes a line for the terminal. */
  report(line: string): void
  /** A part does not stay up: the rest still runs until `stop`. */
  onGiveUp(problem: StackProblem): void
}

export interface RunningStack {
  settings: StackSettings
  databaseUrl: string | undefined
}

export interface Stack {
  /** Starts all parts; what was started before a failure runs until `stop`. */
  start(): Promise<RunningStack>
  /** Stops all in order and leaves the state folder to others. Aborting `hurry` kills the rest. */
  stop(hurry: AbortSignal): Promise<void>
}

/** The local stack: Postgres, Temporal, the simulator, two workers and the API. */
export function createStack({ env, report, onGiveUp }: StackOptions): Stack {
  const supervisor = createSupervisor({ report, onGiveUp, stopOrder: STOP_ORDER })
  let release = async () => {}

  async function step<T>(name: string, run: () => Promise<T>, note = ''): Promise<T> {
    const start = performance.now()
    const result = await run()
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    report(`${name.padEnd(12)} ${`${seconds} s`.padStart(7)}  ${note}`.trimEnd())
    return result
  }

  async function start(): Promise<RunningStack> {
    const settings = await readStackSettings(env)
    const { stateDirectory } = settings
    await prepareStateDirectory(stateDirectory)
    const lock = await acquireInstanceLock(join(stateDirectory, 'lock.json'))
    const pidFiles = createPidFiles(join(stateDirectory, 'pids'))
    release = async () => {
      // All are stopped by now: there is nothing for the next start to find.
      for (const name of [...STOP_ORDER.flat(), 'migrations']) pidFiles.forget(name)
      await lock.release()
    }
    const leftovers = await pidFiles.stopLeftovers()
    if (leftovers.length > 0) report(`Stopped what an earlier start left: ${leftovers.join(', ')}`)
    await Promise.all(portClaims(settings).map(checkPortFree))
    const secretsFile = join(stateDirectory, 'secrets.json')
    const { secrets, isNew } = await loadStackSecrets(secretsFile)
    // At once: should this start fail, the next one finds them made and does not show them.
    if (isNew)
      report(`Secrets made up and kept in ${secretsFile}:\n${secretTable(settings, secrets)}`)
    const { postgres, temporal, simulator } = settings
    const databaseUrl =
      postgres === null
        ? undefined
        : `postgres://conveyor:${secrets.postgresPassword}@127.0.0.1:${postgres.port}/conveyor`
    const service = serviceEnvironment(env, settings, secrets, databaseUrl)
    // A wrong setting is said once and at once, not in the logs of three processes.
    loadConfig(service)

    const parts = createStackParts({ env, settings, secrets, pidFiles })
    const startPart = async (part: Part) => {
      await step(part.name, () => supervisor.start(part))
    }
    const database = async () => {
      if (postgres !== null) await startPart(parts.postgres(postgres))
      await step('migrations', () => parts.migrate(service))
    }
    const orchestrator = async () => {
      if (temporal === null) return
      const { path, version, source } = await step('temporal cli', () =>
        obtainTemporalBinary({ env, report }),
      )
      const part = parts.temporal(temporal, path)
      await step(part.name, () => supervisor.start(part), `version ${version} from ${source}`)
    }
    const databaseReady = database()
    const allReady = Promise.all([databaseReady, orchestrator()])
    // Fails with the first failure: what still starts then is seen to by `stop`.
    await Promise.all([
      simulator === null ? undefined : startPart(parts.simulator(simulator)),
      databaseReady.then(() => startPart(parts.api(service))),
      allReady.then(() => startPart(parts.worker(service))),
      allReady.then(() => startPart(parts.transfers(service))),
    ])
    return { settings, databaseUrl }
  }

  return {
    start,
    async stop(hurry) {
      await supervisor.stop(hurry)
      await release()
    },
  }
}

/** As root, Postgres runs as another user that must get through to its own folder. */
async function prepareStateDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true })
    if (process.getuid?.() === 0) await chmod(directory, 0o755)
  } catch (error) {
    throw new StackProblem(
      `The state folder ${directory} cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
      'Set CONVEYOR_STATE_DIR to a folder that can be written.',
      { cause: error },
    )
  }
}

function portClaims({ host, apiPort, postgres, temporal, simulator }: StackSettings): PortClaim[] {
  const local = '127.0.0.1'
  const claim = (what: string, port: number | undefined, variable: string, on = local) =>
    port === undefined ? [] : [{ what, host: on, port, variable }]
  return [
    ...claim('the API', apiPort, 'PORT', host),
    ...claim('Postgres', postgres?.port, 'CONVEYOR_POSTGRES_PORT'),
    ...claim('Temporal', temporal?.port, 'CONVEYOR_TEMPORAL_PORT'),
    ...claim('the Temporal UI', temporal?.uiPort, 'CONVEYOR_TEMPORAL_UI_PORT'),
    ...claim('the simulator', simulator?.port, 'CONVEYOR_SIMULATOR_PORT'),
  ]
}
