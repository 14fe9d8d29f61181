import { z } from 'zod'
import { firstContents } from './first-contents.ts'
import { generateCommand } from './generate-command.ts'
import { startSimulator } from './start-simulator.ts'

if (process.argv[2] === 'generate') {
  process.exit(await generateCommand(process.argv.slice(3), console.log, console.error))
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
  .safeParse(process.env)

if (!environment.success) {
  for (const issue of environment.error.issues) {
    console.error(`${issue.path.join('.')}: ${issue.message}`)
  }
  process.exit(2)
}

/** Ends the process before it began, with what is wrong. */
function refuse(error: unknown): never {
  console.error(error instanceof Error ? error.message : error)
  process.exit(2)
}

function contents() {
  try {
    return firstContents(process.env)
  } catch (error) {
    return refuse(error)
  }
}

const simulator = await startSimulator({
  ...contents(),
  port: environment.data.SIMULATOR_PORT,
  host: environment.data.SIMULATOR_HOST,
  database: environment.data.SIMULATOR_DATABASE,
  clientId: environment.data.SIMULATOR_CLIENT_ID,
  clientSecret: environment.data.SIMULATOR_CLIENT_SECRET,
  refreshToken: environment.data.SIMULATOR_REFRESH_TOKEN,
  redirectUris: environment.data.SIMULATOR_REDIRECT_URIS,
  ...(environment.data.SIMULATOR_URL === undefined
    ? {}
    : { publicUrl: environment.data.SIMULATOR_URL }),
}).catch(refuse)

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
