import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createStack } from '../stack/start-stack.ts'
import { obtainSchemathesis } from './schemathesis.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** Settings of the person that may point to servers elsewhere stay out. */
const KEPT = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'XDG_CACHE_HOME'] as const
const HOOKS = join(ROOT, 'dev/openapi/schemathesis_hooks.py')
const CONFIG = join(ROOT, 'dev/openapi/schemathesis.toml')
const ANY_PORT = '0'
const DEFAULT_EXAMPLES = '30'

/**
 * Holds the API to its OpenAPI document with schemathesis, on a stack of its own on this machine. What is given
 * after `--` goes to `st run`.
 */
async function main(args: readonly string[]): Promise<number> {
  const report = (line: string) => void process.stdout.write(`${line}\n`)
  const base: NodeJS.ProcessEnv = Object.fromEntries(KEPT.map((name) => [name, process.env[name]]))
  const command = await obtainSchemathesis(base, report)
  const folder = await mkdtemp(join(tmpdir(), 'conveyor-openapi-'))
  const stop = new AbortController()
  const stack = createStack({
    env: {
      ...base,
      CONVEYOR_STATE_DIR: folder,
      HOST: '127.0.0.1',
      PORT: ANY_PORT,
      CONVEYOR_POSTGRES_PORT: ANY_PORT,
      CONVEYOR_TEMPORAL_PORT: ANY_PORT,
      CONVEYOR_TEMPORAL_UI_PORT: ANY_PORT,
      CONVEYOR_SIMULATOR_PORT: ANY_PORT,
      CONVEYOR_REQUIRE_KEYS: 'true',
      SALESFORCE_RATE_LIMIT_REQUESTS: '1000000',
      // Wrong keys are part of what is tried.
      CONVEYOR_UNKNOWN_KEY_LIMIT: '1000000',
    },
    report,
    onGiveUp: (problem) => stop.abort(problem),
  })
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  try {
    const { settings, databaseUrl } = await stack.start()
    const url = `http://127.0.0.1:${settings.apiPort}`
    const key = await makeKey({ ...base, DATABASE_URL: databaseUrl, NODE_ENV: 'development' })
    const child = spawn(
      command,
      [
        ...['--config-file', CONFIG, 'run', `${url}/openapi.json`, '--workers', '1'],
        ...['--header', `Authorization: Bearer ${key}`, '--request-timeout', '30'],
        ...['--max-examples', DEFAULT_EXAMPLES, '--seed', '1', ...args],
      ],
      {
        cwd: folder,
        env: { ...base, SCHEMATHESIS_HOOKS: HOOKS, PYTHONDONTWRITEBYTECODE: '1' },
        stdio: 'inherit',
        signal: stop.signal,
      },
    )
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => resolve(code ?? 1))
    })
  } finally {
    await stack.stop(new AbortController().signal)
    await rm(folder, { recursive: true, force: true })
  }
}

async function makeKey(env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['admin/main.ts', 'keys', 'create', '--name', 'schemathesis', '--role', 'admin'],
    { cwd: ROOT, env },
  )
  return stdout.trim()
}

process.exitCode = await main(process.argv.slice(2))
