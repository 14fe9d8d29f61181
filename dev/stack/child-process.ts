import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from './error-code.ts'
import { createLogFile, lastLines } from './log-file.ts'
import { StackProblem } from './stack-problem.ts'

export interface ChildOptions {
  /** Names the child in messages. */
  name: string
  command: string
  args: readonly string[]
  /** The whole environment; that of this process where absent. */
  env?: NodeJS.ProcessEnv | undefined
  cwd?: string | undefined
  /** Whom the child runs as, where this process is root. */
  user?: { uid: number; gid: number } | undefined
  /** Takes the child's standard output and standard error. */
  logFile: string
  /** The signals that ask for an end, in order, and the seconds each is given; then SIGKILL. */
  stop?: readonly { signal: NodeJS.Signals; seconds: number }[] | undefined
  /** Called synchronously once the process exists. */
  onSpawn?: ((pid: number) => void) | undefined
}

/** A process that was started and its log. */
export interface Child {
  readonly name: string
  readonly pid: number
  /** Settles with a phrase like `exit code 1` or `signal SIGKILL`; never rejects. */
  readonly exited: Promise<string>
  hasExited(): boolean
  /** What it wrote so far, at most the last 64 KiB. */
  output(): string
  boundLog(): void
  /** Asks for an end, waits, and insists. An aborted `hurry` goes straight to SIGKILL. */
  stop(hurry?: AbortSignal): Promise<void>
  /** SIGKILL to the child and what it started. */
  kill(): void
}

/** Told of every child of this process. */
export interface ChildWatcher {
  /** Synchronously, once the process exists. */
  started(pid: number): void
  ended(pid: number): void
}

let watcher: ChildWatcher | null = null

/** For what must know all children, whoever starts them. Takes the place of an earlier watcher. */
export function watchChildren(next: ChildWatcher): void {
  watcher = next
}

const living = new Set<Child>()
// An uncaught error or process.exit in this process must not leave servers behind.
process.on('exit', () => {
  for (const child of living) child.kill()
})

/**
 * Starts a process in a session of its own: Ctrl-C in the terminal then reaches only the parent,
 * which stops its children in order.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const log = createLogFile(options.logFile)
  const descriptor = log.open()
  let spawned: ChildProcess
  try {
    spawned = spawn(options.command, options.args, {
      ...(options.user ?? {}),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: options.env ?? process.env,
      stdio: ['ignore', descriptor, descriptor],
      detached: true,
    })
  } finally {
    closeSync(descriptor)
  }
  const pid = spawned.pid
  if (pid === undefined) throw await spawnProblem(options, spawned)
  // Who was told of its start is told of its end.
  const told = watcher
  told?.started(pid)
  options.onSpawn?.(pid)

  let gone = false
  const exited = new Promise<string>((resolve) => {
    spawned.once('exit', (code, signal) => {
      gone = true
      living.delete(child)
      told?.ended(pid)
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`)
    })
  })
  const child: Child = {
    name: options.name,
    pid,
    exited,
    hasExited: () => gone,
    output: log.sinceOpen,
    boundLog: log.bound,
    async stop(hurry) {
      for (const step of options.stop ?? [{ signal: 'SIGTERM', seconds: 10 }]) {
        if (gone || hurry?.aborted === true) break
        spawned.kill(step.signal)
        await Promise.race([exited, pause(step.seconds, hurry)])
      }
      // Also after an orderly end: what the child started must not outlive it.
      signalGroup(pid, 'SIGKILL')
      await exited
    },
    kill: () => signalGroup(pid, 'SIGKILL'),
  }
  living.add(child)
  return child
}

/**
 * Calls `probe` every 50 ms until it answers true. A child that ends first, or that is not ready
 * in time (it is then killed), is a `StackProblem` with the last lines of its log.
 */
export async function waitUntilReady(
  child: Child,
  probe: () => Promise<boolean>,
  seconds: number,
  wayOut: string,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    if (child.hasExited()) {
      throw new StackProblem(
        `${child.name} ended (${await child.exited}) before it was ready:\n${lastLines(child.output())}`,
        wayOut,
      )
    }
    if (await probe()) return
    if (performance.now() > deadline) {
      child.kill()
      await child.exited
      throw new StackProblem(
        `${child.name} was not ready within ${seconds} s:\n${lastLines(child.output())}`,
        wayOut,
      )
    }
    await sleep(50)
  }
}

/** Signals a process group; one that is gone already is as good. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error
  }
}

async function pause(seconds: number, hurry: AbortSignal | undefined): Promise<void> {
  // A timer that keeps the process alive would delay its end by the whole bound.
  const timer = sleep(seconds * 1000, undefined, {
    ref: false,
    ...(hurry ? { signal: hurry } : {}),
  })
  await timer.catch((error: unknown) => {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error
  })
}

function spawnProblem(options: ChildOptions, spawned: ChildProcess): Promise<StackProblem> {
  return new Promise((resolve) => {
    spawned.once('error', (error) => {
      const code = errorCode(error)
      const why =
        code === 'ENOENT'
          ? `there is no ${options.command}`
          : code === 'EACCES'
            ? `${options.command} may not be executed by this user`
            : error.message
      resolve(
        new StackProblem(
          `${options.name} could not be started: ${why}.`,
          'Run `npm ci` again; as root, keep the checkout where other users may read it.',
          { cause: error },
        ),
      )
    })
  })
}
