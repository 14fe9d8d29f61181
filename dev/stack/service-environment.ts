import { join } from 'node:path'
import type { StackSecrets } from './stack-secrets.ts'
import type { StackSettings } from './stack-settings.ts'

const SIMULATOR_CLIENT_ID = 'conveyor-local'

/**
 * What lives for long is some tens of megabytes. Node's own limits, made for gigabytes, let rows that are long gone
 * pile up to several times that before they are collected.
 */
const HEAP = '--max-semi-space-size=4 --max-old-space-size=1024'

/** The environment of API and workers: what the person set, and for the rest the local stack. */
export function serviceEnvironment(
  env: NodeJS.ProcessEnv,
  settings: StackSettings,
  secrets: StackSecrets,
  databaseUrl: string | undefined,
): NodeJS.ProcessEnv {
  const { temporal, simulator } = settings
  return {
    ...env,
    HOST: settings.host,
    PORT: String(settings.apiPort),
    CONVEYOR_STATE_DIR: settings.stateDirectory,
    // Of two options that contradict each other the later one counts: the person's.
    NODE_OPTIONS: `${HEAP} ${env['NODE_OPTIONS'] ?? ''}`.trim(),
    // Node keeps the compiled code of its modules there: later starts are quicker.
    NODE_COMPILE_CACHE: env['NODE_COMPILE_CACHE'] || join(settings.stateDirectory, 'compiled'),
    SALESFORCE_WEBHOOK_SECRET: env['SALESFORCE_WEBHOOK_SECRET'] || secrets.webhookSecret,
    SALESFORCE_TOKEN_ENCRYPTION_KEY:
      env['SALESFORCE_TOKEN_ENCRYPTION_KEY'] || secrets.encryptionKey,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    ...(temporal === null
      ? {}
      : {
          TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
          // Neither fits a server on the loopback interface.
          TEMPORAL_API_KEY: '',
          TEMPORAL_TLS: '',
          // Database and Temporal's file lie in one state folder: where the file carries another mark, its
          // database was deleted, and nobody is there any more who could be disturbed.
          ...(databaseUrl === undefined
            ? {}
            : { CONVEYOR_TAKE_OVER_NAMESPACE: env['CONVEYOR_TAKE_OVER_NAMESPACE'] || 'true' }),
          CONVEYOR_TEMPORAL_UI_URL:
            env['CONVEYOR_TEMPORAL_UI_URL'] || `http://127.0.0.1:${temporal.uiPort}`,
        }),
    ...(simulator === null
      ? {}
      : {
          SALESFORCE_CLIENT_ID: SIMULATOR_CLIENT_ID,
          SALESFORCE_CLIENT_SECRET: secrets.simulatorClientSecret,
          // Set, it would mean that id and secret belong to a flow with a browser.
          SALESFORCE_REDIRECT_URI: '',
          SALESFORCE_LOGIN_URL: `http://127.0.0.1:${simulator.port}`,
          CONVEYOR_ALLOW_ANY_LOGIN_HOST: 'true',
          // A login host that is not Salesforce's is refused in production.
          NODE_ENV: 'development',
        }),
  }
}

/** The environment of one worker: which queues it serves, and a metrics port of its own. */
export function workerEnvironment(
  service: NodeJS.ProcessEnv,
  queues: 'conveyor,pump' | 'salesforce',
): NodeJS.ProcessEnv {
  const metricsPort = Number(service['SALESFORCE_METRICS_PORT'])
  // A worker takes the port after the one it is given: the second worker needs the next.
  const shifts = queues === 'salesforce' && metricsPort > 0
  return {
    ...service,
    WORKER_QUEUES: queues,
    ...(shifts ? { SALESFORCE_METRICS_PORT: String(metricsPort + 1) } : {}),
  }
}

/** The environment of the simulator. */
export function simulatorEnvironment(
  env: NodeJS.ProcessEnv,
  simulator: NonNullable<StackSettings['simulator']>,
  apiPort: number,
  secrets: StackSecrets,
): NodeJS.ProcessEnv {
  return {
    ...env,
    SIMULATOR_PORT: String(simulator.port),
    SIMULATOR_HOST: '127.0.0.1',
    SIMULATOR_DATABASE: simulator.database,
    // A new org has something to look at; one that is there already stays as it is.
    SIMULATOR_SEED: env['SIMULATOR_SEED'] ?? 'demo',
    SIMULATOR_CLIENT_ID,
    SIMULATOR_CLIENT_SECRET: secrets.simulatorClientSecret,
    // Where its approval page sends browsers back to: the API, and the Salesforce CLI.
    SIMULATOR_REDIRECT_URIS:
      env['SIMULATOR_REDIRECT_URIS'] ||
      `http://localhost:${apiPort}/api/auth/salesforce/callback,http://localhost:1717/OauthRedirect`,
  }
}
