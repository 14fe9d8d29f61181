import { join, resolve } from 'node:path'
import { freePort } from './free-port.ts'
import { StackProblem } from './stack-problem.ts'

/** What of the local stack is started here, where it listens and where it keeps its state. */
export interface StackSettings {
  stateDirectory: string
  host: string
  apiPort: number
  /** `null` where DATABASE_URL or DB_HOST names another Postgres. */
  postgres: { port: number; directory: string } | null
  /** `null` where TEMPORAL_ADDRESS names another server. */
  temporal: {
    port: number
    uiPort: number
    databaseFile: string
    namespace: string
    /** Where payloads are sealed: what opens them for the Temporal UI. */
    codecEndpoint?: string
  } | null
  /** `null` where the environment holds Salesforce credentials. */
  simulator: { port: number; database: string } | null
}

/** Names of the environment variables that choose ports, with their defaults. */
export const PORT_VARIABLES = {
  PORT: 5058,
  CONVEYOR_POSTGRES_PORT: 5433,
  CONVEYOR_TEMPORAL_PORT: 7233,
  CONVEYOR_TEMPORAL_UI_PORT: 8233,
  CONVEYOR_SIMULATOR_PORT: 5059,
} as const

/**
 * Reads the variables of the local stack; an empty one counts as unset, and port 0 takes a free one.
 * @throws StackProblem that names every port that is none.
 */
export async function readStackSettings(env: NodeJS.ProcessEnv): Promise<StackSettings> {
  const wrong: string[] = []
  const port = async (name: keyof typeof PORT_VARIABLES) => {
    const text = env[name]?.trim() || String(PORT_VARIABLES[name])
    const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
    if (!(value <= 65_535)) wrong.push(`${name} is "${text}"`)
    return value === 0 ? freePort() : value
  }
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== ''
  const stateDirectory = resolve(env['CONVEYOR_STATE_DIR']?.trim() || '.conveyor')
  const apiPort = await port('PORT')
  const settings: StackSettings = {
    stateDirectory,
    host: env['HOST']?.trim() || '127.0.0.1',
    apiPort,
    postgres:
      isSet('DATABASE_URL') || isSet('DB_HOST')
        ? null
        : {
            port: await port('CONVEYOR_POSTGRES_PORT'),
            directory: join(stateDirectory, 'postgres'),
          },
    temporal: isSet('TEMPORAL_ADDRESS')
      ? null
      : {
          port: await port('CONVEYOR_TEMPORAL_PORT'),
          uiPort: await port('CONVEYOR_TEMPORAL_UI_PORT'),
          databaseFile: join(stateDirectory, 'temporal.sqlite'),
          namespace: env['TEMPORAL_NAMESPACE']?.trim() || 'default',
          ...(/^(true|1|yes|on)$/i.test(env['CONVEYOR_SEAL_PAYLOADS']?.trim() ?? '')
            ? { codecEndpoint: `http://127.0.0.1:${apiPort}/v1/codec` }
            : {}),
        },
    simulator:
      isSet('SALESFORCE_CLIENT_ID') || isSet('SALESFORCE_REFRESH_TOKEN')
        ? null
        : {
            port: await port('CONVEYOR_SIMULATOR_PORT'),
            database: join(stateDirectory, 'simulator.sqlite'),
          },
  }
  if (wrong.length > 0) {
    throw new StackProblem(
      `Some ports are none: ${wrong.join(', ')}.`,
      'A port is a number from 1 to 65535, or 0 for any free one.',
    )
  }
  return settings
}
