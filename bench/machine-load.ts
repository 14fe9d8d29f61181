import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { cpuOfDescendants } from './process-watch.ts'

/** Linux counts CPU time in hundredths of a second for programs, on every platform: proc(5). */
const TICK_MS = 10

/**
 * Starts to measure what programs other than this process and all that it started take of the
 * processors. The returned function ends it and answers a share from 0 to 1, or `null` where there
 * is no /proc. A run with a large one says little. It is not cut off at 0: clearly below it, something
 * was counted twice.
 */
export function watchOthers(): () => number | null {
  const started = performance.now()
  const before = othersMs()
  return () => {
    const after = othersMs()
    if (before === null || after === null) return null
    return (after - before) / ((performance.now() - started) * availableParallelism())
  }
}

function othersMs(): number | null {
  const busy = machineBusyMs()
  // What ended meanwhile is in it too: its time went to the parent that waited for it.
  const own = cpuOfDescendants(process.pid)
  return busy === null || own === null ? null : busy - own
}

/** CPU time since boot, with what the host of a virtual machine took from it. */
function machineBusyMs(): number | null {
  if (process.platform !== 'linux') return null
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq + steal) * TICK_MS
}
