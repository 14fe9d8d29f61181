import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { z } from 'zod'
import { errorCode } from './error-code.ts'

/** One run of one process: a number alone may belong to another process by now. */
export const processIdentitySchema = z.object({
  pid: z.int().positive(),
  /** When it started, in the system's own notation; only compared. */
  startedAt: z.string(),
})
export type ProcessIdentity = z.infer<typeof processIdentitySchema>

/** `undefined` where no such process lives; one that ended and is not yet reaped does not. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? startOnLinux(pid) : psField(pid, 'lstart=')
  return startedAt === undefined ? undefined : { pid, startedAt }
}

/** Whether that very process still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startedAt === identity.startedAt
}

/** This process; for locks and files that say who made them. */
export function ownIdentity(): ProcessIdentity {
  const identity = identityOf(process.pid)
  if (identity === undefined) throw new Error('The system does not list this process.')
  return identity
}

/** The command line of a process, for messages; `undefined` where it cannot be read. */
export function commandOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return psField(pid, 'command=')
  const text = readProcess(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
  return text === undefined || text === '' ? undefined : text.replaceAll('\0', ' ').trim()
}

/** The working folder of a process; `undefined` where the system does not tell. */
export function workingDirectoryOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined
  return readProcess(() => readlinkSync(`/proc/${pid}/cwd`))
}

/** Field 22 of /proc/<pid>/stat in clock ticks since boot, with the boot's id: proc(5). */
function startOnLinux(pid: number): string | undefined {
  const stat = readProcess(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (stat === undefined) return undefined
  // The command's name stands in brackets and may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  const ticks = fields[19]
  if (state === 'Z' || state === 'X' || ticks === undefined) return undefined
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`
}

function psField(pid: number, field: string): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', field, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return text === '' ? undefined : text
  } catch (error) {
    // ps ends with 1 where there is no such process.
    if (typeof error === 'object' && error !== null && 'status' in error && error.status === 1) {
      return undefined
    }
    throw error
  }
}

/** A process that goes away, or belongs to another user, while it is read is not there for us. */
function readProcess(read: () => string): string | undefined {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errorCode(error))) return undefined
    throw error
  }
}
