import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type ApiClient, DemoProblem } from './api-client.ts'

const READY_SECONDS = 180

/** Runs `npm start` beside the demo, and stops it in order at the end. */
export async function startOwnStack(api: ApiClient): Promise<() => Promise<void>> {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const stack = spawn(process.execPath, ['dev/start.ts'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Ctrl-C reaches the demo alone, which stops the stack in order.
    detached: true,
  })
  const exited = new Promise<number | null>((resolve) => {
    stack.once('exit', (code) => resolve(code))
    stack.once('error', () => resolve(null))
  })
  let ended = false
  void exited.then(() => {
    ended = true
  })
  const stop = async () => {
    if (!ended) stack.kill('SIGTERM')
    await exited
  }
  process.once('SIGINT', () => void stop().then(() => process.exit(130)))
  const deadline = Date.now() + READY_SECONDS * 1_000
  while (!(await api.isUp())) {
    if (ended) throw new DemoProblem('The stack did not start; its message above says why.')
    if (Date.now() > deadline) {
      await stop()
      throw new DemoProblem(`The stack did not come up within ${READY_SECONDS} s.`)
    }
    await sleep(250)
  }
  return stop
}
