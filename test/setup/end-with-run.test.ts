import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { identityOf } from '../../dev/stack/process-identity.ts'
import { childEnvironment } from './child-environment.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'end-with-run-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** Stands for a process of vitest: starts one that ends and two that stay, one frozen, and waits. */
const SCRIPT = `
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { startChild } from '${new URL('../../dev/stack/child-process.ts', import.meta.url).href}'
import {
  endChildrenWithProcess, endWithProcess, removeWithProcess,
} from '${new URL('end-with-run.ts', import.meta.url).href}'
const folder = process.argv[1]
mkdirSync(folder + '/tmp', { recursive: true })
removeWithProcess(folder)
endChildrenWithProcess()
const start = (script) =>
  startChild({ name: 'x', command: '/bin/sh', args: ['-c', script], logFile: folder + '/log' })
const short = await start('exit 0')
const long = await start('sleep 600 & wait')
const frozen = spawn('/bin/sh', ['-c', 'kill -STOP $$'], { detached: true, stdio: 'ignore' })
endWithProcess(frozen)
await short.exited
console.log(JSON.stringify([long.pid, frozen.pid]))
setInterval(() => {}, 1_000)
`

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'what a process started ends with it when it gets %s, and its folder goes',
  async (signal) => {
    const folder = join(directory, signal)
    const run = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, folder], {
      env: childEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface({ input: run.stdout }), 'line')
    const pids: number[] = JSON.parse(String(line))
    expect(pids).toHaveLength(2)
    for (const pid of pids) expect(identityOf(pid)).toBeDefined()
    expect(existsSync(folder)).toBe(true)

    run.kill(signal)
    await once(run, 'exit')
    for (const pid of pids) await expect.poll(() => identityOf(pid)).toBeUndefined()
    await expect.poll(() => existsSync(folder)).toBe(false)
  },
)
