import { afterAll, beforeAll, expect, test } from 'vitest'
import { createConnectionQueries } from '../../db/connections.ts'
import { createSalesforceOauthTokenQueries } from '../../db/salesforce-oauth-tokens.ts'
import { type SessionBench, type SessionProcess, startSessionBench } from './session-processes.ts'

const SHARES = [12, 12, 13, 13]

let bench: SessionBench
let processes: readonly SessionProcess[]
beforeAll(async () => {
  bench = await startSessionBench()
  // Long enough for all processes to meet the refusal while one of them refreshes.
  await bench.org.set({ rotateRefreshTokens: true, refreshMs: 400 })
  processes = await Promise.all(SHARES.map(() => bench.start()))
})
afterAll(() => bench.stop())

async function fiftyAtOnce(): Promise<readonly string[]> {
  const shares = processes.map((each, index) => each.request(SHARES[index] ?? 0))
  return (await Promise.all(shares)).flat()
}

test('four processes that begin at once ask for one session', async () => {
  await bench.forgetCalls()
  expect(await fiftyAtOnce()).toEqual(Array(50).fill('ok'))
  expect(await bench.tokenCalls()).toEqual([200])
})

test('fifty requests in four processes with an expired token: one refresh, no logout, all succeed', async () => {
  for (let round = 0; round < 3; round += 1) {
    await bench.org.expireSessions()
    await bench.forgetCalls()
    const began = performance.now()
    const outcomes = await fiftyAtOnce()
    const ms = Math.round(performance.now() - began)
    const tokenCalls = await bench.tokenCalls()
    process.stdout.write(
      `round ${round + 1}: ${outcomes.filter((each) => each === 'ok').length} of ${outcomes.length} requests succeeded, ${tokenCalls.length} refresh, ${ms} ms\n`,
    )
    expect(outcomes).toEqual(Array(50).fill('ok'))
    expect(tokenCalls).toEqual([200])
  }
  const stored = await createSalesforceOauthTokenQueries(bench.database.pool).find('default')
  expect(stored).toMatchObject({ sessionNumber: 4, calledAt: null, isRefused: false })
})

test('a refusal reaches all who wait for it', async () => {
  const fault = { match: { call: 'token' }, times: 'always' as const }
  const action = { type: 'status', status: 400, errorCode: 'invalid_grant' }
  // Held up, so that the others wait for this one.
  await bench.org.addFault({ ...fault, action: { type: 'delay', ms: 600 } })
  await bench.org.addFault({ ...fault, action })
  await bench.org.expireSessions()
  await bench.forgetCalls()
  const outcomes = await fiftyAtOnce()
  for (const outcome of outcomes) expect(outcome).toMatch(/^SalesforceError: /)
  // Who comes later asks anew: once a process at most, not once a request.
  expect((await bench.tokenCalls()).length).toBeLessThanOrEqual(SHARES.length)
  const connections = createConnectionQueries(bench.database.pool)
  expect((await connections.get('default'))?.status).toBe('reauthorization_required')

  await bench.org.clearFaults()
  await bench.forgetCalls()
  expect(await fiftyAtOnce()).toEqual(Array(50).fill('ok'))
  expect(await bench.tokenCalls()).toEqual([200])
  expect((await connections.get('default'))?.status).toBe('connected')
})
