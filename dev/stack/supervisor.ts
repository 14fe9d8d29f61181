import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, signalGroup } from './child-process.ts'
import { lastLines } from './log-file.ts'
import { describeProblem, StackProblem } from './stack-problem.ts'

/** A process of the stack that is kept running. */
export interface Part {
  name: string
  /** Names of parts that must run before it is started, again too. */
  needs: readonly string[]
  /** Starts it and waits until it is ready; tells the number of the process once there is one. */
  start(onSpawn: (pid: number) => void): Promise<Child>
}

export interface SupervisorOptions {
  /** Takes a line for the terminal. */
  report(line: string): void
  /** Called once, when a part does not stay up; the rest still runs. */
  onGiveUp(problem: StackProblem): void
  /** Names in the order of stopping; those of one group stop together. */
  stopOrder: readonly (readonly string[])[]
  /** Default: 5 ends within 60 s are one too many; delays from 100 ms doubling to 5 s. */
  limits?: Partial<typeof DEFAULT_LIMITS> | undefined
}

const DEFAULT_LIMITS = { ends: 5, withinMs: 60_000, firstDelayMs: 100, longestDelayMs: 5_000 }
const LOG_CHECK_MS = 30_000

export interface Supervisor {
  /** Rejects where the first start fails; later ends are mended. */
  start(part: Part): Promise<Child>
  /** Stops all in order and lets nothing start again. Aborting `hurry` kills what is left. */
  stop(hurry: AbortSignal): Promise<void>
}

interface Entry {
  part: Part
  /** When it ended lately, in ms of `performance.now()`. */
  ends: number[]
  ready: Promise<Child>
  child: Child | undefined
  startingPid: number | undefined
}

/** Keeps parts running: what ends is started again with growing delay, up to a bound. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const entries = new Map<string, Entry>()
  const stopping = new AbortController()
  const logCheck = setInterval(() => {
    for (const { child } of entries.values()) child?.boundLog()
  }, LOG_CHECK_MS)
  logCheck.unref()

  async function launch(entry: Entry): Promise<Child> {
    const needs = entry.part.needs.flatMap((name) => entries.get(name)?.ready ?? [])
    await Promise.race([Promise.all(needs), aborted(stopping.signal)])
    stopping.signal.throwIfAborted()
    try {
      const child = await entry.part.start((pid) => {
        entry.startingPid = pid
        // It came into being while all is being stopped, and stopEntry waits for its end.
        if (stopping.signal.aborted) signalGroup(pid, 'SIGKILL')
      })
      entry.child = child
      void child.exited.then((how) => ended(entry, child, how))
      return child
    } finally {
      entry.startingPid = undefined
    }
  }

  function ended(entry: Entry, child: Child, how: string): void {
    entry.child = undefined
    if (stopping.signal.aborted) return
    entry.ready = relaunch(entry, how, child.output())
    // Its failure is told by onGiveUp; who waits for the part sees it too.
    entry.ready.catch(() => undefined)
  }

  async function relaunch(entry: Entry, how: string, output: string): Promise<Child> {
    const { name } = entry.part
    let reason = `ended unexpectedly (${how})`
    let detail = lastLines(output, 5)
    for (;;) {
      const now = performance.now()
      entry.ends = [...entry.ends.filter((at) => now - at < limits.withinMs), now]
      if (entry.ends.length >= limits.ends) {
        const problem = new StackProblem(
          `${name} ${reason}, ${entry.ends.length} times within ${limits.withinMs / 1000} s; it is not started again.\n${detail}`,
          'Its log in the state folder says more; mend the cause and start again.',
        )
        options.onGiveUp(problem)
        throw problem
      }
      const delay = Math.min(
        limits.firstDelayMs * 2 ** (entry.ends.length - 1),
        limits.longestDelayMs,
      )
      options.report(`${name} ${reason}; starting it again`)
      await sleep(delay, undefined, { signal: stopping.signal })
      try {
        const child = await launch(entry)
        options.report(`${name} runs again`)
        return child
      } catch (error) {
        stopping.signal.throwIfAborted()
        reason = 'could not be started again'
        detail = describeProblem(error)
      }
    }
  }

  async function stopEntry(entry: Entry, hurry: AbortSignal): Promise<void> {
    // What is not ready yet holds nothing that an orderly end would save.
    if (entry.child === undefined && entry.startingPid !== undefined) {
      signalGroup(entry.startingPid, 'SIGKILL')
    }
    await entry.ready.catch(() => undefined)
    await entry.child?.stop(hurry)
  }

  return {
    start(part) {
      const placeholder = Promise.reject<Child>(new Error(`${part.name} was not started.`))
      placeholder.catch(() => undefined)
      const entry: Entry = {
        part,
        ends: [],
        ready: placeholder,
        child: undefined,
        startingPid: undefined,
      }
      entry.ready = launch(entry)
      entry.ready.catch(() => undefined)
      entries.set(part.name, entry)
      return entry.ready
    },
    async stop(hurry) {
      stopping.abort(new Error('The stack is being stopped.'))
      clearInterval(logCheck)
      for (const group of options.stopOrder) {
        const members = group.flatMap((name) => entries.get(name) ?? [])
        await Promise.all(members.map((entry) => stopEntry(entry, hurry)))
      }
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
