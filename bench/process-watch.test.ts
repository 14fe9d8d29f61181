import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { watchOthers } from './machine-load.ts'
import { watchProcesses } from './process-watch.ts'

const SPIN_AND_HOLD = `
  const held = Buffer.alloc(200_000_000, 1)
  process.stdout.write('held')
  for (const end = Date.now() + 60_000; Date.now() < end; ) held[0] ^= 1`

/** A process that holds 200 MB and keeps one processor busy. */
async function startBusyProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', SPIN_AND_HOLD], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  if (child.pid === undefined) throw new Error('The process did not start.')
  return child.pid
}

const hasProc = process.platform === 'linux'

test('a busy process shows in its own figures and not in those of others', async () => {
  const pid = await startBusyProcess()
  const whoElse = watchOthers([])
  const whoElseThanIt = watchOthers([pid])
  const watch = watchProcesses({ busy: pid })
  await sleep(1_500)
  const { busy } = watch.stop()
  if (!hasProc) {
    expect(busy).toEqual({
      peakRssBytes: null,
      medianRssBytes: null,
      lastRssBytes: null,
      cpuMs: null,
    })
    return
  }
  expect(busy?.peakRssBytes).toBeGreaterThan(200e6)
  expect(busy?.medianRssBytes).toBeGreaterThan(200e6)
  expect(busy?.cpuMs).toBeGreaterThan(300)
  expect(busy?.cpuMs).toBeLessThan(3_000)
  // Taken one after the other, so the difference is the process's own share, whatever else runs.
  const all = whoElse(0) ?? 0
  const others = whoElseThanIt(0) ?? 0
  expect(all - others).toBeGreaterThan(0.05)
})

test('a process that is gone has no figures', () => {
  const watch = watchProcesses({ gone: 2 ** 22 + 1 })
  expect(watch.stop()['gone']).toEqual({
    peakRssBytes: null,
    medianRssBytes: null,
    lastRssBytes: null,
    cpuMs: null,
  })
})
