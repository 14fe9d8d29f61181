import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { PORT_VARIABLES } from '../dev/stack/stack-settings.ts'
import { createStack } from '../dev/stack/start-stack.ts'

/** Processes whose use is measured, as the stack names them. */
export const PARTS = ['api', 'worker', 'transfers', 'postgres', 'temporal', 'simulator'] as const
export type PartName = (typeof PARTS)[number]

/** Shells report a program that ended by Ctrl-C so. */
const EXIT_INTERRUPTED = 130

export interface BenchStack {
  readonly apiUrl: string
  readonly orgUrl: string
  readonly orgDatabase: string
  readonly client: { readonly clientId: string; readonly clientSecret: string }
  readonly webhookSecret: string
  readonly encryptionKey: string
  readonly databaseUrl: string
  readonly logDirectory: string
  /** For CSV and result files; removed with the rest. */
  readonly scratchDirectory: string
  readonly pids: Readonly<Record<PartName, number>>
  /** Stops all, and removes databases and logs unless they are to be kept. */
  stop(): Promise<void>
}

export interface BenchStackOptions {
  readonly keep: boolean
  readonly profileDirectory: string | null
  /** Settings that a benchmark needs besides those of `npm start`. */
  readonly environment?: Readonly<Record<string, string>>
  report(line: string): void
}

/** The stack of `npm start` on free ports with empty databases in a temporary folder. */
export async function startBenchStack(options: BenchStackOptions): Promise<BenchStack> {
  const directory = await mkdtemp(join(tmpdir(), 'conveyor-bench-'))
  const scratchDirectory = join(directory, 'scratch')
  await mkdir(scratchDirectory)
  let givenUp: Error | null = null
  const stack = createStack({
    env: {
      ...bareEnvironment(),
      ...Object.fromEntries(Object.keys(PORT_VARIABLES).map((name) => [name, '0'])),
      CONVEYOR_STATE_DIR: directory,
      // The demo's accounts would be counted as written.
      SIMULATOR_SEED: 'none',
      // Pulling what is written would be measured along with the writing.
      CONVEYOR_MIRROR_EVERY: '0',
      // Uploads are encoded to files there; they must go away with the rest.
      TMPDIR: scratchDirectory,
      ...options.environment,
      ...(options.profileDirectory === null
        ? {}
        : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.profileDirectory}` }),
    },
    report: options.report,
    onGiveUp(problem) {
      givenUp = problem
      options.report(problem.message)
    },
  })
  async function stopOnce(): Promise<void> {
    await stack.stop(new AbortController().signal)
    if (options.keep) options.report(`Databases and logs are in ${directory}`)
    else await rm(directory, { recursive: true, force: true })
    if (givenUp !== null) throw givenUp
  }
  let stopping: Promise<void> | null = null
  const stop = () => {
    stopping ??= stopOnce()
    return stopping
  }
  // From before the first process on: a Ctrl-C while they start must not leave those that run.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop().then(
        () => process.exit(EXIT_INTERRUPTED),
        () => process.exit(1),
      )
    })
  }
  try {
    const { settings, databaseUrl } = await stack.start()
    if (settings.simulator === null || databaseUrl === undefined) {
      throw new Error('The environment names a Salesforce org or a database of its own.')
    }
    const secrets = z
      .object({
        simulatorClientSecret: z.string(),
        webhookSecret: z.string(),
        encryptionKey: z.string(),
      })
      .parse(JSON.parse(await readFile(join(directory, 'secrets.json'), 'utf8')))
    return {
      apiUrl: `http://127.0.0.1:${settings.apiPort}`,
      orgUrl: `http://127.0.0.1:${settings.simulator.port}`,
      orgDatabase: settings.simulator.database,
      client: { clientId: 'conveyor-local', clientSecret: secrets.simulatorClientSecret },
      webhookSecret: secrets.webhookSecret,
      encryptionKey: secrets.encryptionKey,
      databaseUrl,
      logDirectory: join(directory, 'logs'),
      scratchDirectory,
      pids: await readPids(join(directory, 'pids')),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The caller's environment without what would point the stack at other servers or change its pace. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const kept = ['CONVEYOR_CACHE_DIR']
  const ours = /^(SALESFORCE|CONVEYOR|TEMPORAL|DB|SIMULATOR)_|^(DATABASE_URL|WORKER_QUEUES|HOST)$/
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => kept.includes(name) || !ours.test(name)),
  )
}

async function readPids(directory: string): Promise<Record<PartName, number>> {
  const pidOf = async (name: PartName) =>
    z
      .object({ pid: z.int().positive() })
      .parse(JSON.parse(await readFile(join(directory, `${name}.json`), 'utf8'))).pid
  return {
    api: await pidOf('api'),
    worker: await pidOf('worker'),
    transfers: await pidOf('transfers'),
    postgres: await pidOf('postgres'),
    temporal: await pidOf('temporal'),
    simulator: await pidOf('simulator'),
  }
}
