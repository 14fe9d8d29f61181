import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, startChild, waitUntilReady } from './child-process.ts'
import { lastLines } from './log-file.ts'
import type { PidFiles } from './pid-files.ts'
import { startPostgres } from './postgres.ts'
import { simulatorEnvironment, workerEnvironment } from './service-environment.ts'
import { StackProblem } from './stack-problem.ts'
import type { StackSecrets } from './stack-secrets.ts'
import type { StackSettings } from './stack-settings.ts'
import type { Part } from './supervisor.ts'
import { startTemporalServer } from './temporal-server.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SERVICE_READY_SECONDS = 60
/** A worker may take 20 s to finish what it has in hand. */
const WORKER_STOP_SECONDS = 25

/** Names in the order of stopping: who uses another goes first. */
export const STOP_ORDER = [
  ['api'],
  ['worker', 'transfers'],
  ['temporal', 'simulator'],
  ['postgres'],
] as const

export interface StackParts {
  postgres(options: NonNullable<StackSettings['postgres']>): Part
  temporal(options: NonNullable<StackSettings['temporal']>, binary: string): Part
  simulator(options: NonNullable<StackSettings['simulator']>): Part
  worker(service: NodeJS.ProcessEnv): Part
  transfers(service: NodeJS.ProcessEnv): Part
  api(service: NodeJS.ProcessEnv): Part
  /** Runs to its end. */
  migrate(service: NodeJS.ProcessEnv): Promise<void>
}

/** How each part of the stack is started, and how it is known to be ready. */
export function createStackParts(options: {
  env: NodeJS.ProcessEnv
  settings: StackSettings
  secrets: StackSecrets
  pidFiles: PidFiles
}): StackParts {
  const { env, settings, secrets, pidFiles } = options
  const logFile = (name: string) => join(settings.stateDirectory, 'logs', `${name}.log`)

  /** Notes the process while it lives, so that the next start finds it. */
  function noted(
    name: string,
    needs: readonly string[],
    signal: 'SIGTERM' | 'SIGINT',
    start: (onSpawn: (pid: number) => void) => Promise<Child>,
  ): Part {
    return {
      name,
      needs,
      start: (onSpawn) =>
        start((pid) => {
          pidFiles.record(name, pid, signal)
          onSpawn(pid)
        }),
    }
  }

  /** A script of this checkout that is ready when `probe` says so. */
  function script(part: {
    name: string
    file: string
    needs: readonly string[]
    env: NodeJS.ProcessEnv
    stopSeconds: number
    wayOut?: string
    probe(child: Child): Promise<boolean>
  }): Part {
    return noted(part.name, part.needs, 'SIGTERM', async (onSpawn) => {
      const child = await startChild({
        name: part.name,
        command: process.execPath,
        args: [part.file],
        cwd: ROOT,
        env: part.env,
        logFile: logFile(part.name),
        stop: [{ signal: 'SIGTERM', seconds: part.stopSeconds }],
        onSpawn,
      })
      await waitUntilReady(
        child,
        () => part.probe(child),
        SERVICE_READY_SECONDS,
        `The whole log is in ${logFile(part.name)}.${part.wayOut ?? ''}`,
      )
      return child
    })
  }

  const worker = (
    name: 'worker' | 'transfers',
    queues: 'conveyor,pump' | 'salesforce',
    service: NodeJS.ProcessEnv,
  ) =>
    script({
      name,
      file: 'worker/main.ts',
      needs: ['postgres', 'temporal'],
      env: workerEnvironment(service, queues),
      stopSeconds: WORKER_STOP_SECONDS,
      probe: async (child) => child.output().includes('"msg":"worker ready"'),
    })

  return {
    postgres: ({ port, directory }) =>
      noted('postgres', [], 'SIGINT', (onSpawn) =>
        startPostgres({
          ...{ directory, port, password: secrets.postgresPassword },
          ...{ logFile: logFile('postgres'), onSpawn },
        }),
      ),
    temporal: (server, binary) =>
      noted('temporal', [], 'SIGTERM', (onSpawn) =>
        startTemporalServer({ ...server, binary, logFile: logFile('temporal'), onSpawn }),
      ),
    simulator: (simulator) =>
      script({
        name: 'simulator',
        file: 'simulator/main.ts',
        needs: [],
        env: simulatorEnvironment(env, simulator, settings.apiPort, secrets),
        stopSeconds: 10,
        wayOut: ` If ${simulator.database} is damaged, move it away to begin with an empty org.`,
        probe: async (child) => child.output().includes('simulator listening on '),
      }),
    worker: (service) => worker('worker', 'conveyor,pump', service),
    transfers: (service) => worker('transfers', 'salesforce', service),
    api: (service) =>
      script({
        name: 'api',
        file: 'api/main.ts',
        needs: ['postgres'],
        env: service,
        stopSeconds: 15,
        probe: () => isHealthy(settings),
      }),
    async migrate(service) {
      const child = await startChild({
        name: 'migrations',
        command: process.execPath,
        args: ['db/migrate-main.ts'],
        cwd: ROOT,
        env: service,
        logFile: logFile('migrations'),
        onSpawn: (pid) => pidFiles.record('migrations', pid, 'SIGTERM'),
      })
      const how = await child.exited
      pidFiles.forget('migrations')
      if (how === 'exit code 0') return
      throw new StackProblem(
        `The database could not be brought up to date (${how}):\n${lastLines(child.output())}`,
        `The whole log is in ${logFile('migrations')}.`,
      )
    },
  }
}

/** Reached over the loopback interface also where the API listens on all. */
async function isHealthy({ host, apiPort }: StackSettings): Promise<boolean> {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host
  try {
    const response = await fetch(`http://${name}:${apiPort}/healthz`, {
      signal: AbortSignal.timeout(2_000),
    })
    return response.ok
  } catch {
    // Not listening yet; if it never does, waitUntilReady says so with the log.
    return false
  }
}
