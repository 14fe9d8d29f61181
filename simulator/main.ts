import { parseArgs } from 'node:util'
import { z } from 'zod'
import { banner, HELP } from './banner.ts'
import { firstContents } from './first-contents.ts'
import { generateCommand } from './generate-command.ts'
import { startSimulator } from './start-simulator.ts'

/** Ends the process before it began, with what is wrong. */
function refuse(...lines: readonly string[]): never {
  for (const line of lines) console.error(line)
  console.error('See --help.')
  process.exit(2)
}

if (process.argv[2] === 'generate') {
  process.exit(await generateCommand(process.argv.slice(3), console.log, console.error))
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', short: 'h' },
        port: { type: 'string' },
        host: { type: 'string' },
        url: { type: 'string' },
        database: { type: 'string' },
      },
    }).values
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

const options = readOptions()
if (options.help === true) {
  console.log(HELP)
  process.exit(0)
}

const environment = z
  .object({
    SIMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(5059),
    SIMULATOR_HOST: z.string().default('127.0.0.1'),
    SIMULATOR_URL: z.url({ protocol: /^https?$/ }).optional(),
    SIMULATOR_DATABASE: z.string().default(':memory:'),
    SIMULATOR_CLIENT_ID: z.string().default('simulator-client'),
    SIMULATOR_CLIENT_SECRET: z.string().default('simulator-secret'),
    SIMULATOR_REFRESH_TOKEN: z.string().default('simulator-refresh-token'),
    SIMULATOR_REDIRECT_URIS: z
      .string()
      .default('http://localhost:1717/OauthRedirect')
      .transform((text) => text.split(/[\s,]+/).filter((uri) => uri !== '')),
  })
  .safeParse({
    ...process.env,
    ...(options.port === undefined ? {} : { SIMULATOR_PORT: options.port }),
    ...(options.host === undefined ? {} : { SIMULATOR_HOST: options.host }),
    ...(options.url === undefined ? {} : { SIMULATOR_URL: options.url }),
    ...(options.database === undefined ? {} : { SIMULATOR_DATABASE: options.database }),
  })

if (!environment.success) {
  refuse(...environment.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
}

function contents() {
  try {
    return firstContents(process.env)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

const settings = environment.data
const simulator = await startSimulator({
  ...contents(),
  port: settings.SIMULATOR_PORT,
  host: settings.SIMULATOR_HOST,
  database: settings.SIMULATOR_DATABASE,
  clientId: settings.SIMULATOR_CLIENT_ID,
  clientSecret: settings.SIMULATOR_CLIENT_SECRET,
  refreshToken: settings.SIMULATOR_REFRESH_TOKEN,
  redirectUris: settings.SIMULATOR_REDIRECT_URIS,
  // Others go on with the org: one request does not end it.
  onRequestError: (error) => console.error(error),
  ...(settings.SIMULATOR_URL === undefined ? {} : { publicUrl: settings.SIMULATOR_URL }),
}).catch((error: unknown) => refuse(error instanceof Error ? error.message : String(error)))

let stopping = false
async function stop(): Promise<void> {
  // A second signal while stopping ends the process at once.
  if (stopping) process.exit(1)
  stopping = true
  await simulator.close()
  process.exit(0)
}
process.on('SIGTERM', () => void stop())
process.on('SIGINT', () => void stop())
console.log(`simulator listening on ${simulator.url}`)
console.log(
  banner({
    url: settings.SIMULATOR_URL?.replace(/\/+$/, '') ?? simulator.url,
    clientId: settings.SIMULATOR_CLIENT_ID,
    hasDefaultSecret: settings.SIMULATOR_CLIENT_SECRET === 'simulator-secret',
    database: settings.SIMULATOR_DATABASE,
  }),
)
