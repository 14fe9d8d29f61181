import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { cpuOfTree } from './process-watch.ts'

/** Linux counts CPU time in hundredths of a second for programs, on every platform: proc(5). */
const TICK_MS = 10

/**
 * Starts to measure what programs other than this process and `pids` take of the processors. The
 * returned function ends it; it is told the CPU time of processes that came and went meanwhile, and
 * answers a share from 0 to 1, or `null` where there is no /proc. A run with a large one says little.
 */
export function watchOthers(pids: readonly number[]): (endedMs: number) => number | null {
  const started = performance.now()
  const ownMs = () => [process.pid, ...pids].reduce((sum, pid) => sum + (cpuOfTree(pid) ?? 0), 0)
  const busyBefore = machineBusyMs()
  const ownBefore = ownMs()
  return (endedMs) => {
    const busyAfter = machineBusyMs()
    if (busyBefore === null || busyAfter === null) return null
    const others = busyAfter - busyBefore - (ownMs() - ownBefore) - endedMs
    const whole = (performance.now() - started) * availableParallelism()
    return Math.max(0, others / whole)
  }
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
