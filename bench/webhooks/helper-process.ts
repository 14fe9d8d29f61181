import { fork } from 'node:child_process'
import { once } from 'node:events'
import { z } from 'zod'

/** A process that the benchmark asks things of. */
export interface Helper {
  readonly pid: number
  /** @throws Error with what went wrong there, also where it ended. */
  ask(command: string, input?: unknown): Promise<unknown>
  stop(): Promise<void>
}

const replySchema = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.string().optional(),
})
const questionSchema = z.object({
  id: z.number(),
  command: z.string(),
  input: z.unknown().optional(),
})

/** Starts a script that answers with {@link answerParent}. Generators and receivers must not share an event loop. */
export function startHelper(script: URL): Helper {
  const child = fork(script, {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const waiting = new Map<
    number,
    { done: (result: unknown) => void; failed: (error: Error) => void }
  >()
  let asked = 0
  child.on('message', (message) => {
    const { id, result, error } = replySchema.parse(message)
    const question = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) question?.done(result)
    else question?.failed(new Error(error))
  })
  child.on('exit', (code, signal) => {
    const ended = new Error(`${script.pathname} ended with ${signal ?? code}.`)
    for (const { failed } of waiting.values()) failed(ended)
    waiting.clear()
  })
  return {
    // A script that cannot be started fails the first question.
    pid: child.pid ?? 0,
    ask(command, input) {
      asked += 1
      const id = asked
      return new Promise((done, failed) => {
        waiting.set(id, { done, failed })
        child.send({ id, command, input }, (error) => {
          if (error !== null) failed(error)
        })
      })
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** The other side: answers by name. Ends with its parent. */
export function answerParent(
  handlers: Readonly<Record<string, (input: unknown) => unknown>>,
): void {
  process.on('disconnect', () => process.exit())
  process.on('message', async (message) => {
    const { id, command, input } = questionSchema.parse(message)
    try {
      const handler = handlers[command]
      if (handler === undefined) throw new Error(`There is no ${command}.`)
      process.send?.({ id, result: await handler(input) })
    } catch (error) {
      process.send?.({
        id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      })
    }
  })
}
