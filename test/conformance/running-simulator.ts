import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START_LIMIT_MS = 20_000

const tokenAnswer = z.object({ access_token: z.string() })

/** An org in a process of its own, as a client meets it: by its address only. */
export interface RunningSimulator {
  /** Without a slash at the end. */
  readonly url: string
  readonly accessToken: string
  close(): Promise<void>
}

/** Starts the simulator on a free port and logs in. Rejects with what it said when it does not start. */
export async function startSimulatorProcess(): Promise<RunningSimulator> {
  const child = spawn(process.execPath, ['simulator/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, SIMULATOR_PORT: '0', SIMULATOR_HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    const limit = setTimeout(() => fail('did not say its address in time'), START_LIMIT_MS)
    function fail(why: string): void {
      clearTimeout(limit)
      child.kill('SIGKILL')
      reject(new Error(`the simulator ${why}:\n${said}`))
    }
    function hear(chunk: Buffer): void {
      said += chunk.toString('utf8')
      const address = /listening on (http:\/\/\S+)/.exec(said)?.[1]
      if (address === undefined) return
      clearTimeout(limit)
      resolve(address)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', (error) => fail(`could not be started (${error.message})`))
    child.once('exit', (code) => fail(`ended with ${code}`))
  })
  async function close(): Promise<void> {
    child.kill('SIGTERM')
    await ended
  }
  try {
    return { url, accessToken: await logIn(url), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function logIn(url: string): Promise<string> {
  const response = await fetch(`${url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'simulator-client',
      client_secret: 'simulator-secret',
    }),
  })
  if (!response.ok) throw new Error(`no access token: ${response.status} ${await response.text()}`)
  return tokenAnswer.parse(await response.json()).access_token
}
