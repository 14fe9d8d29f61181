import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { watchOthers } from './machine-load.ts'
import { cpuOfDescendants, watchProcesses } from './process-watch.ts'

/** Keeps a processor busy for ten seconds at most, so that nothing outlives a killed test for long. */
const SPIN = 'for (const end = Date.now() + 10_000; Date.now() < end; );'
const NONE = { peakRssBytes: null, medianRssBytes: null, lastRssBytes: null, cpuMs: null }
const SPIN_MS = 1_500
const hasProc = process.platform === 'linux'

/** A process that holds 200 MB and is busy, and the shell that waits for it: a tree of their own. */
async function startBusyTree(): Promise<{ readonly root: number; readonly busy: number }> {
  const script = `const held = Buffer.alloc(200_000_000, 1); console.log(process.pid); ${SPIN}`
  const shell = spawn('sh', ['-c', `"${process.execPath}" -e '${script}' & wait`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [printed] = await once(shell.stdout, 'data')
  const busy = Number(String(printed))
  onTestFinished(() => {
    process.kill(busy, 'SIGKILL')
  })
  if (shell.pid === undefined) throw new Error('The shell did not start.')
  return { root: shell.pid, busy }
}

/** A busy process that descends from this one no more: what started it has ended. */
async function startBusyStranger(): Promise<number> {
  const shell = spawn('sh', ['-c', `"${process.execPath}" -e '${SPIN}' >/dev/null & echo $!`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(shell, 'exit')
  const [printed] = await once(shell.stdout, 'data')
  await ended
  const pid = Number(String(printed))
  onTestFinished(() => {
    process.kill(pid, 'SIGKILL')
  })
  return pid
}

test('a busy process has its memory and time, and a tree counts its time once', async () => {
  const { root, busy } = await startBusyTree()
  const watch = watchProcesses({ busy })
  const before = cpuOfDescendants(root)
  await sleep(SPIN_MS)
  const after = cpuOfDescendants(root)
  const use = watch.stop()['busy']
  if (!hasProc) {
    expect(use).toEqual(NONE)
    expect(after).toBeNull()
    return
  }
  expect(use?.peakRssBytes).toBeGreaterThan(200e6)
  expect(use?.medianRssBytes).toBeGreaterThan(200e6)
  const busyMs = use?.cpuMs ?? 0
  // On a machine with other work it gets little of the processors.
  expect(busyMs).toBeGreaterThan(20)
  // The shell itself only waits.
  const treeMs = (after ?? 0) - (before ?? 0)
  expect(treeMs / busyMs).toBeGreaterThan(0.7)
  expect(treeMs / busyMs).toBeLessThan(1.3)
})

test('a busy stranger counts among others', async () => {
  const pid = await startBusyStranger()
  const watch = watchProcesses({ stranger: pid })
  const stop = watchOthers()
  const started = performance.now()
  await sleep(SPIN_MS)
  const share = stop()
  const wallMs = performance.now() - started
  const { stranger } = watch.stop()
  if (!hasProc) {
    expect(share).toBeNull()
    return
  }
  const strangerMs = stranger?.cpuMs ?? 0
  expect(strangerMs).toBeGreaterThan(20)
  // Whatever else runs on the machine only adds to it.
  expect((share ?? 0) * wallMs * availableParallelism()).toBeGreaterThan(strangerMs * 0.8)
})

test('a process that is gone has no figures', () => {
  const watch = watchProcesses({ gone: 2 ** 22 + 1 })
  expect(watch.stop()['gone']).toEqual(NONE)
})
