import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '../..')
const READY = /^simulator listening on (\S+)/
const READY_WITHIN_MS = 30_000

/** The simulator as its users start it: a process of its own. */
export interface OrgProcess {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

export async function startOrgProcess(database: string): Promise<OrgProcess> {
  const child = spawn(process.execPath, [join(ROOT, 'simulator/main.ts')], {
    env: { ...process.env, SIMULATOR_PORT: '0', SIMULATOR_DATABASE: database },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  async function stop(): Promise<void> {
    child.kill('SIGTERM')
    await exited
  }
  const late = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS)
  try {
    for await (const line of createInterface(child.stdout)) {
      const url = READY.exec(line)?.[1]
      // A child that was spawned has a pid.
      if (url !== undefined && child.pid !== undefined) return { url, pid: child.pid, stop }
    }
    throw new Error('The simulator ended, or said nothing, before it listened.')
  } finally {
    clearTimeout(late)
    // Unread, what it prints later would fill the pipe and stop it.
    child.stdout.resume()
  }
}
