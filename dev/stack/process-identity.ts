import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { z } from 'zod'
import { errorCode, unlessMissing } from './error-code.ts'

const run = promisify(execFile)

/** One run of one process: a number alone may belong to another process by now. */
export const processIdentitySchema = z.object({
  pid: z.int().positive(),
  /** When it started, in the system's own notation; only compared. */
  startedAt: z.string(),
})
export type ProcessIdentity = z.infer<typeof processIdentitySchema>

/** `undefined` where no such process lives; one that ended and is not yet reaped does not. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  const startedAt = process.platform === 'linux' ? await startOnLinux(pid) : await startByPs(pid)
  return startedAt === undefined ? undefined : { pid, startedAt }
}

/** Whether that very process still lives. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identityOf(identity.pid))?.startedAt === identity.startedAt
}

/** The command line of a process, for messages; `undefined` where it cannot be read. */
export async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const text = await readProcess(readFile(`/proc/${pid}/cmdline`, 'utf8'))
    return text === undefined || text === '' ? undefined : text.replaceAll('\0', ' ').trim()
  }
  return psField(pid, 'command=')
}

/** The working folder of a process; `undefined` where the system does not tell. */
export async function workingDirectoryOf(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? readProcess(readlink(`/proc/${pid}/cwd`)) : undefined
}

/** Field 22 of /proc/<pid>/stat in clock ticks since boot, with the boot's id: proc(5). */
async function startOnLinux(pid: number): Promise<string | undefined> {
  const stat = await readProcess(readFile(`/proc/${pid}/stat`, 'utf8'))
  if (stat === undefined) return undefined
  // The command's name stands in brackets and may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  const ticks = fields[19]
  if (state === 'Z' || state === 'X' || ticks === undefined) return undefined
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
  return `${boot.trim()}/${ticks}`
}

function startByPs(pid: number): Promise<string | undefined> {
  return psField(pid, 'lstart=')
}

async function psField(pid: number, field: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', field, '-p', String(pid)])
    return stdout.trim() === '' ? undefined : stdout.trim()
  } catch (error) {
    // ps ends with 1 where there is no such process.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 1) {
      return undefined
    }
    throw error
  }
}

/** A process that goes away, or belongs to another user, while it is read is not there for us. */
async function readProcess(read: Promise<string>): Promise<string | undefined> {
  try {
    return await unlessMissing(read)
  } catch (error) {
    if (['ESRCH', 'EACCES', 'EPERM'].includes(errorCode(error))) return undefined
    throw error
  }
}
