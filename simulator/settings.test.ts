import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Simulator, startSimulator } from './start-simulator.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())

async function statusOf(method: string, path: string, body: object): Promise<number> {
  const url = `${simulator.url}/__simulator${path}`
  return (await fetch(url, { method, body: JSON.stringify(body) })).status
}

const LONGEST = 2 ** 31 - 1

test.for([
  'bulkStartDelayMs',
  'jobClockOffsetMs',
  'stampLagMs',
  'refreshMs',
  'longCallMs',
  'outboundWindowMs',
  'outboundTimeoutMs',
  'outboundRetryFirstMs',
  'outboundRetryMaxMs',
  'outboundLifetimeMs',
])('%s is no longer than a timer can wait', async (name) => {
  expect(await statusOf('PATCH', '/settings', { [name]: LONGEST + 1 })).toBe(400)
  expect(await statusOf('PATCH', '/settings', { [name]: LONGEST })).toBe(200)
})

test.for(['delay', 'stuck', 'push_delay', 'push_reorder'])('nor is the fault %s', async (type) => {
  const fault = (ms: number) => ({ match: { call: 'none' }, action: { type, ms } })
  expect(await statusOf('POST', '/faults', fault(LONGEST + 1))).toBe(400)
  expect(await statusOf('POST', '/faults', fault(LONGEST))).toBe(201)
})
