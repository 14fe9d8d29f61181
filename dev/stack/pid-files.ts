import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { signalGroup } from './child-process.ts'
import { errorCode, unlessMissing } from './error-code.ts'
import { identityOf, isAlive, processIdentitySchema } from './process-identity.ts'

const GRACE_MS = 5_000

const pidFileSchema = processIdentitySchema.extend({ signal: z.enum(['SIGTERM', 'SIGINT']) })
type PidFile = z.infer<typeof pidFileSchema>

/** Notes which processes belong to a state folder, so that those of a killed start can be stopped. */
export interface PidFiles {
  /** Synchronous: a start that is killed a moment later must have noted it. */
  record(name: string, pid: number, signal: PidFile['signal']): void
  forget(name: string): void
  /** Stops what an earlier start left running and returns the names. */
  stopLeftovers(): Promise<string[]>
}

export function createPidFiles(directory: string): PidFiles {
  const fileOf = (name: string) => join(directory, `${name}.json`)
  return {
    record(name, pid, signal) {
      const identity = identityOf(pid)
      // One that is gone already leaves nothing to stop.
      if (identity === undefined) return
      mkdirSync(directory, { recursive: true })
      const content: PidFile = { ...identity, signal }
      writeFileSync(fileOf(name), JSON.stringify(content))
    },
    forget: (name) => rmSync(fileOf(name), { force: true }),
    async stopLeftovers() {
      const files = (await unlessMissing(readdir(directory))) ?? []
      const stopped = await Promise.all(
        files.map(async (file) => {
          const path = join(directory, file)
          const entry = parse(await readFile(path, 'utf8'))
          const wasAlive = entry !== undefined && isAlive(entry)
          if (wasAlive) await stop(entry)
          await rm(path, { force: true })
          return wasAlive ? [file.replace(/\.json$/, '')] : []
        }),
      )
      return stopped.flat()
    },
  }
}

function parse(text: string): PidFile | undefined {
  try {
    return pidFileSchema.safeParse(JSON.parse(text)).data
  } catch (error) {
    // Cut off by the kill that this file is read for.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

async function stop(entry: PidFile): Promise<void> {
  try {
    process.kill(entry.pid, entry.signal)
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error
  }
  const deadline = performance.now() + GRACE_MS
  while (isAlive(entry) && performance.now() < deadline) await sleep(50)
  signalGroup(entry.pid, 'SIGKILL')
  while (isAlive(entry)) await sleep(20)
}
