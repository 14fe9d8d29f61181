import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const SAMPLE_MS = 200
/** Linux counts CPU time in hundredths of a second for programs, on every platform: proc(5). */
const TICK_MS = 10

/** What one process used between start and stop of a watch. */
export interface ProcessUse {
  /** Peak resident memory; `null` where the system has no /proc or refuses to reset the peak. */
  readonly peakRssBytes: number | null
  /** Median of the samples, one each 200 ms; `null` without /proc. */
  readonly medianRssBytes: number | null
  readonly lastRssBytes: number | null
  /** User and system time, its children's too; `null` without /proc. */
  readonly cpuMs: number | null
}

export interface ProcessWatch {
  stop(): Readonly<Record<string, ProcessUse>>
}

/**
 * Watches processes by name and id. The kernel's own peak is reset at the start, so that it is that
 * of this run and not of an earlier one.
 */
export function watchProcesses(pids: Readonly<Record<string, number>>): ProcessWatch {
  const entries = Object.entries(pids).map(([name, pid]) => ({
    name,
    pid,
    peakIsOwn: resetPeak(pid),
    cpuBefore: cpuOfDescendants(pid),
    samples: [] as number[],
  }))
  const sample = () => {
    for (const { pid, samples } of entries) {
      const rss = statusBytes(pid, 'VmRSS')
      if (rss !== null) samples.push(rss)
    }
  }
  sample()
  const timer = setInterval(sample, SAMPLE_MS)
  return {
    stop() {
      clearInterval(timer)
      sample()
      return Object.fromEntries(
        entries.map(({ name, pid, peakIsOwn, cpuBefore, samples }) => {
          const cpuAfter = cpuOfDescendants(pid)
          return [
            name,
            {
              peakRssBytes: peakIsOwn ? statusBytes(pid, 'VmHWM') : null,
              medianRssBytes: samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? null,
              lastRssBytes: samples.at(-1) ?? null,
              cpuMs: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore,
            },
          ]
        }),
      )
    },
  }
}

/** Writing 5 makes VmHWM start again from the present size: proc(5), /proc/pid/clear_refs. */
function resetPeak(pid: number): boolean {
  return unlessUnreadable(() => writeFileSync(`/proc/${pid}/clear_refs`, '5')) !== null
}

function statusBytes(pid: number, field: 'VmRSS' | 'VmHWM'): number | null {
  const status = unlessUnreadable(() => readFileSync(`/proc/${pid}/status`, 'utf8'))
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status ?? '')?.[1]
  return kib === undefined ? null : Number(kib) * 1024
}

/**
 * CPU time in ms of a process and of all that descend from it, each counted once, with those that
 * ended and were waited for; `null` without /proc.
 */
export function cpuOfDescendants(pid: number): number | null {
  const root = statFields(pid)
  if (root === null) return null
  const childrenOf = new Map<number, { pid: number; ms: number }[]>()
  for (const name of readdirSync('/proc')) {
    const fields = /^\d+$/.test(name) ? statFields(Number(name)) : null
    if (fields === null) continue
    const child = { pid: Number(name), ms: fields.ownMs + fields.endedMs }
    const siblings = childrenOf.get(fields.parent)
    if (siblings) siblings.push(child)
    else childrenOf.set(fields.parent, [child])
  }
  let total = root.ownMs + root.endedMs
  const open = [pid]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const child of childrenOf.get(next) ?? []) {
      total += child.ms
      open.push(child.pid)
    }
  }
  return total
}

/** Fields 4 and 14 to 17 of /proc/<pid>/stat: proc(5). */
function statFields(pid: number): { parent: number; ownMs: number; endedMs: number } | null {
  const stat = unlessUnreadable(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (stat === null) return null
  // The command's name stands in brackets and may itself hold spaces and brackets.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const ms = (from: number) => ((fields[from] ?? 0) + (fields[from + 1] ?? 0)) * TICK_MS
  return { parent: fields[1] ?? 0, ownMs: ms(11), endedMs: ms(13) }
}

/** A process that goes away while it is read, or a system without /proc, tells nothing. */
function unlessUnreadable<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(String(code))) return null
    throw error
  }
}
