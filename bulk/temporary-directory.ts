import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A folder of this process alone for what it writes of callers' rows: keys that are compared, bodies and results of
 * loads. What killed processes of the installation left behind is removed: nobody else would.
 */
export async function makeTemporaryDirectory(
  part: 'api' | 'transfers',
  installationId: string,
): Promise<string> {
  const parent = join(tmpdir(), `conveyor-${part}-${installationId}`)
  await mkdir(parent, { recursive: true, mode: 0o700 })
  for (const name of await readdir(parent)) {
    if (!(await isAlive(name))) await rm(join(parent, name), { recursive: true, force: true })
  }
  const own = join(parent, `${process.pid}-${(await startOf(process.pid)) ?? 'unknown'}`)
  await mkdir(own, { recursive: true, mode: 0o700 })
  return own
}

/** Pids are used again; together with the start of the process they are not. */
async function isAlive(name: string): Promise<boolean> {
  const [pid, start] = name.split('-')
  if (pid === undefined || start === undefined) return false
  if (start !== 'unknown') return (await startOf(Number(pid))) === start
  try {
    process.kill(Number(pid), 0)
    return true
  } catch {
    return false
  }
}

/** Start of a process in clock ticks since boot; null where there is none, or no /proc. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The second field is the name in brackets and may hold blanks; the start is field 22.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
