import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { DemoProblem } from './api-client.ts'

const READY_SECONDS = 180
/** What `npm start` prints once everything serves. */
const READY = /^Ready after /m

export interface OwnStack {
  /** Stops it in order. */
  stop(): Promise<void>
  readonly exited: Promise<unknown>
}

/** Runs the stack of `npm start` beside the demo, with its progress lines. */
export async function startOwnStack(): Promise<OwnStack> {
  const stack = spawn(process.execPath, ['dev/start.ts'], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
    // Ctrl-C reaches the demo alone, which stops the stack in order.
    detached: true,
  })
  let ended = false
  const exited = new Promise<void>((resolve) => {
    stack.once('exit', () => resolve())
    stack.once('error', () => resolve())
  }).then(() => {
    ended = true
  })
  const stop = async () => {
    if (!ended) stack.kill('SIGTERM')
    await exited
  }
  process.once('SIGINT', () => void stop().then(() => process.exit(130)))
  process.once('SIGTERM', () => void stop().then(() => process.exit(143)))

  const ready = new Promise<'ready'>((resolve) => {
    let printed = ''
    stack.stdout.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk)
      // Only the beginning is looked at: the stack may run for long after it.
      if (printed.length < 100_000) printed += chunk.toString()
      if (READY.test(printed)) resolve('ready')
    })
  })
  const late = new Promise<'late'>((resolve) => {
    setTimeout(() => resolve('late'), READY_SECONDS * 1_000).unref()
  })
  const first = await Promise.race([ready, late, exited.then(() => 'ended' as const)])
  if (first === 'ready') return { stop, exited }
  await stop()
  throw new DemoProblem(
    first === 'late'
      ? `The stack did not come up within ${READY_SECONDS} s.`
      : 'The stack did not start; its message above says why.',
  )
}
