import { ConfigError, EXIT_CONFIG } from '../config/environment.ts'
import { addressTable } from './stack/address-table.ts'
import { errorCode } from './stack/error-code.ts'
import { describeProblem } from './stack/stack-problem.ts'
import { createStack } from './stack/start-stack.ts'

/** Shells report a program that ended by Ctrl-C so. */
const EXIT_INTERRUPTED = 130
/** One Ctrl-C comes twice under npm: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MS = 500

const began = performance.now()
const hurry = new AbortController()
let stopping = false
let lastSignalAt = 0
const stack = createStack({
  env: process.env,
  report,
  onGiveUp(problem) {
    process.stderr.write(`\n${describeProblem(problem)}\n`)
    void stopAndExit(1)
  },
})

// A terminal that is closed must not break off the orderly stop that its end asks for.
process.stdout.on('error', (error: Error) => {
  if (errorCode(error) !== 'EPIPE' && errorCode(error) !== 'EIO') throw error
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    const now = performance.now()
    const isRepeat = lastSignalAt > 0 && now - lastSignalAt < SAME_SIGNAL_MS
    lastSignalAt = now
    if (isRepeat) return
    if (stopping) {
      report('Killing what is left.')
      hurry.abort()
    } else void stopAndExit(signal === 'SIGINT' ? EXIT_INTERRUPTED : 0)
  })
}

try {
  const { settings, databaseUrl } = await stack.start()
  report(`\nReady after ${seconds(began)} s.\n\n${addressTable(settings, databaseUrl)}`)
  report('\nCtrl-C stops all.')
} catch (error) {
  // A start that a signal breaks off fails because of it: that is no news.
  if (!stopping) {
    const isConfig = error instanceof ConfigError
    process.stderr.write(`\n${isConfig ? error.message : describeProblem(error)}\n`)
    await stopAndExit(isConfig ? EXIT_CONFIG : 1, () => {})
  }
}

/** `tell` is silent where the start failed: the reason should stand last. */
async function stopAndExit(code: number, tell = report): Promise<void> {
  if (stopping) return
  stopping = true
  const start = performance.now()
  tell('\nStopping.')
  try {
    await stack.stop(hurry.signal)
    tell(`All is stopped after ${seconds(start)} s.`)
    process.exit(code)
  } catch (error) {
    process.stderr.write(`${describeProblem(error)}\n`)
    process.exit(1)
  }
}

function report(line: string): void {
  process.stdout.write(`${line}\n`)
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1)
}
