import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Child, waitUntilReady } from './child-process.ts'
import type { StackProblem } from './stack-problem.ts'
import { createSupervisor, type Part, type Supervisor } from './supervisor.ts'
import { fakeChild } from './testing/fake-child.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const RUNS = 'console.log("up"); setInterval(() => {}, 1000);'
const STOP_ORDER = [['api'], ['worker', 'transfers'], ['postgres']]

let lines: string[]
let problems: StackProblem[]
let supervisor: Supervisor

beforeEach(async () => {
  lines = []
  problems = []
  supervisor = createSupervisor({
    report: (line) => lines.push(line),
    onGiveUp: (problem) => problems.push(problem),
    stopOrder: STOP_ORDER,
    limits: { ends: 3, firstDelayMs: 20, longestDelayMs: 50 },
  })
})

afterEach(() => supervisor.stop(AbortSignal.abort()))

interface FakePart extends Part {
  children: Child[]
}

async function part(name: string, script: string, needs: string[] = []): Promise<FakePart> {
  const folder = await temporaryFolder()
  const children: Child[] = []
  return {
    name,
    needs,
    children,
    async start(onSpawn) {
      const logFile = join(folder, `${name}.log`)
      const child = await fakeChild(script, { name, logFile, onSpawn })
      await waitUntilReady(child, async () => child.output().includes('up'), 15, '')
      children.push(child)
      return child
    },
  }
}

test('what is killed is started again', async () => {
  const api = await part('api', RUNS)
  const first = await supervisor.start(api)
  first.kill()
  await expect.poll(() => api.children.length, { timeout: 10_000 }).toBe(2)
  await expect
    .poll(() => lines)
    .toEqual(['api ended unexpectedly (signal SIGKILL); starting it again', 'api runs again'])
  expect(problems).toEqual([])
})

test('what does not stay up is given up with its last lines', async () => {
  const api = await part(
    'api',
    'console.log("up\\nno memory"); setTimeout(() => process.exit(9), 50)',
  )
  await supervisor.start(api)
  await expect.poll(() => problems.length, { timeout: 15_000 }).toBe(1)
  expect(problems[0]?.message).toMatch(/api .*exit code 9.*3 times[\s\S]*no memory/)
  expect(api.children).toHaveLength(3)
})

test('what cannot be started again is given up too', async () => {
  const once = join(await temporaryFolder(), 'once')
  const api = await part(
    'api',
    `try { fs.writeFileSync(${JSON.stringify(once)}, '', { flag: 'wx' }) } catch { console.log('disk is full'); process.exit(4) } ${RUNS}`,
  )
  const first = await supervisor.start(api)
  first.kill()
  await expect.poll(() => problems.length, { timeout: 15_000 }).toBe(1)
  expect(problems[0]?.message).toMatch(/could not be started again, 3 times[\s\S]*disk is full/)
})

test('a part is started again only when what it needs runs again', async () => {
  const events = join(await temporaryFolder(), 'events')
  const log = (what: string) => `fs.appendFileSync(${JSON.stringify(events)}, '${what} ');`
  const postgres = await part('postgres', `setTimeout(() => { ${log('postgres')} ${RUNS} }, 400)`)
  const worker = await part('worker', log('worker') + RUNS, ['postgres'])
  const [first, second] = [await supervisor.start(postgres), await supervisor.start(worker)]
  appendFileSync(events, '| ')
  first.kill()
  await first.exited
  second.kill()
  await expect.poll(() => worker.children.length, { timeout: 10_000 }).toBe(2)
  expect(readFileSync(events, 'utf8')).toBe('postgres worker | postgres worker ')
})

test('stop goes in order, group by group, and starts nothing again', async () => {
  const events = join(await temporaryFolder(), 'events')
  const script = (name: string) => `
    process.on('SIGTERM', () => setTimeout(() => {
      fs.appendFileSync(${JSON.stringify(events)}, '${name} '); process.exit()
    }, 100)); ${RUNS}`
  const parts = await Promise.all(
    ['postgres', 'api', 'worker'].map((name) => part(name, script(name))),
  )
  const children = await Promise.all(parts.map((each) => supervisor.start(each)))
  await supervisor.stop(new AbortController().signal)
  expect(children.map((child) => child.hasExited())).toEqual([true, true, true])
  expect(readFileSync(events, 'utf8')).toBe('api worker postgres ')
  expect(lines).toEqual([])
})

test('a stop does not wait for a part that is only just starting', async () => {
  const api = await part('api', 'setInterval(() => {}, 1000)')
  const start = supervisor.start(api).catch((error: unknown) => error)
  let spawned = 0
  const worker: Part = { ...(await part('worker', RUNS)), needs: ['api'] }
  const waiting = supervisor.start({
    ...worker,
    start: (onSpawn) => {
      spawned += 1
      return worker.start(onSpawn)
    },
  })
  const refused = waiting.catch((error: unknown) => error)
  await supervisor.stop(new AbortController().signal)
  expect(String(await start)).toContain('SIGKILL')
  expect(String(await refused)).toContain('stopped')
  expect(spawned).toBe(0)
})
