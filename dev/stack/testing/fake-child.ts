import { onTestFinished } from 'vitest'
import { type Child, type ChildOptions, startChild, waitUntilReady } from '../child-process.ts'

/** Starts a small Node script, and kills it after the running test if it still lives. */
export async function fakeChild(
  script: string,
  options: Omit<ChildOptions, 'command' | 'args' | 'name'> & { name?: string },
): Promise<Child> {
  const child = await startChild({
    name: 'fake',
    ...options,
    command: process.execPath,
    args: ['-e', script],
  })
  onTestFinished(async () => {
    child.kill()
    await child.exited
  })
  return child
}

/** Waits until the script has printed `text`. */
export function untilPrinted(child: Child, text: string): Promise<void> {
  return waitUntilReady(child, async () => child.output().includes(text), 15, '')
}
