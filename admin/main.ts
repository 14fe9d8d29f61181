import { ConfigError, EXIT_CONFIG, loadConfig } from '../config/environment.ts'
import { openDatabase } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { createSealing, deriveSealingKey } from '../security/sealing.ts'
import { createDataConverter } from '../temporal/codec.ts'
import { connectTemporal, type TemporalConnection } from '../temporal/connect.ts'
import { createServerPreparation } from '../temporal/prepare-server.ts'
import { createReEncryption } from '../temporal/re-encryption.ts'
import { createRollupRange } from '../temporal/rollup-range.ts'
import { runCheckUrlCommand } from './check-url.ts'
import { CommandError } from './command-error.ts'
import { runKeysCommand } from './keys.ts'
import { runMetricsCommand } from './metrics.ts'
import { runSecretsCommand } from './secrets.ts'
import { runWorkspacesCommand } from './workspaces.ts'

const USAGE = `npm run conveyor -- <command>

  keys create --name <text> --role viewer|operator|admin [--scopes a,b] [--expires-in 90d]
  keys list
  keys revoke <key id>
  metrics backfill [--from <day>] [--until <day>]
  secrets status
  secrets re-encrypt
  workspaces create <id> [--name <text>]
  workspaces list
  check-url <url>

check-url says whether Conveyor would take a callback URL, and what answers there.
metrics backfill adds the figures of past days up again: docs/monitoring/README.md.
Keys are those of the workspace \`default\`; --workspace <id> names another one.
A key is printed once, alone on standard output.
Secrets are what is sealed with SALESFORCE_TOKEN_ENCRYPTION_KEY: docs/encryption-keys.md.`

/** EX_USAGE of sysexits. */
const EXIT_USAGE = 64

const COMMANDS = {
  keys: runKeysCommand,
  metrics: runMetricsCommand,
  secrets: runSecretsCommand,
  workspaces: runWorkspacesCommand,
} as const

const print = (line: string) => process.stdout.write(`${line}\n`)
const note = (line: string) => process.stderr.write(`${line}\n`)

async function run(name: string, args: readonly string[]): Promise<void> {
  if (name === 'check-url') {
    const { allowPrivateAddresses } = loadConfig(process.env)
    process.exitCode = (await runCheckUrlCommand(args, { allowPrivateAddresses, print })) ? 0 : 1
    return
  }
  if (!Object.hasOwn(COMMANDS, name)) {
    throw new CommandError(name === '' ? '' : `There is no command ${name}.`)
  }
  const config = loadConfig(process.env)
  await migrate(config.database.url)
  const database = await openDatabase({
    url: config.database.url,
    poolSize: 1,
    onError: (error) => note(error.message),
  })
  const sealingKeys = config.encryption.keys.map(deriveSealingKey)
  let temporal: TemporalConnection | null = null
  const openTemporal = async (installationId: string): Promise<TemporalConnection> => {
    const converter = createDataConverter(
      createSealing(sealingKeys),
      config.encryption.sealPayloads,
    )
    temporal = connectTemporal(config.temporal, converter)
    const logger = { warn: (_: object, line: string) => process.stderr.write(`${line}\n`) }
    const server = { temporal, installationId, takeOver: false, logger }
    await createServerPreparation(server).claim()
    return temporal
  }
  try {
    // Just looked up.
    await COMMANDS[name as keyof typeof COMMANDS](args, {
      database,
      keyEnvironment: config.mode === 'production' ? 'live' : 'test',
      sealingKeyIds: sealingKeys.map(({ id }) => id),
      async openReEncryption() {
        const installationId = await database.system.installationId()
        return createReEncryption(await openTemporal(installationId), installationId)
      },
      async openRollupRange(metric) {
        const installationId = await database.system.installationId()
        return createRollupRange(await openTemporal(installationId), installationId, metric)
      },
      print,
      note,
    })
  } finally {
    // Set while the command ran; TypeScript does not see that.
    await (temporal as TemporalConnection | null)?.close()
    await database.end()
  }
}

try {
  const [name = '', ...args] = process.argv.slice(2)
  await run(name, args)
} catch (error) {
  if (error instanceof CommandError) {
    process.stderr.write(`${error.message}${error.message === '' ? '' : '\n\n'}${USAGE}\n`)
    process.exitCode = EXIT_USAGE
  } else if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = EXIT_CONFIG
  } else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
