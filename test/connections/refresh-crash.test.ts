import { afterAll, expect, test } from 'vitest'
import { createConnectionQueries } from '../../db/connections.ts'
import { createSalesforceOauthTokenQueries } from '../../db/salesforce-oauth-tokens.ts'
import { until } from '../setup/simulator.ts'
import { type SessionBench, startSessionBench } from './session-processes.ts'

/** Each with an org and a database of its own: most of the time they wait for a lease to run out. */
async function onBench(work: (bench: SessionBench) => Promise<void>): Promise<void> {
  const bench = await startSessionBench()
  try {
    await work(bench)
  } finally {
    await bench.stop()
  }
}

/** A process takes a rotated token, writes it to the file of its machine, and dies before it is committed. */
async function dieWithKeptAnswer({ org, start }: SessionBench): Promise<void> {
  await org.set({ rotateRefreshTokens: true })
  const doomed = await start({ failpoint: 'refresh.before-commit:2' })
  await doomed.request(1)
  await org.expireSessions()
  await expect(doomed.request(1)).rejects.toThrow(/SIGKILL/)
}

const figures: string[] = []
afterAll(() => {
  process.stdout.write(
    `\nkilled at              rotation  next process     refreshes  then\n${figures.join('\n')}\n`,
  )
})

const STEPS = [
  // Announced and never sent.
  ['refresh.before-call', true, 'same', 'goes on'],
  ['refresh.before-call', false, 'same', 'goes on'],
  // Salesforce answered, and the answer died with the process.
  ['refresh.after-answer', true, 'same', 'asks a person'],
  ['refresh.after-answer', false, 'same', 'goes on'],
  // The answer was in the file of its machine.
  ['refresh.before-commit', true, 'same', 'goes on'],
  ['refresh.before-commit', true, 'other', 'asks a person'],
  ['refresh.after-commit', true, 'other', 'goes on'],
] as const

test.concurrent.each(STEPS)(
  'killed at %s, rotation %s, next process on the %s machine: %s',
  (failpoint, rotateRefreshTokens, machine, outcome) =>
    onBench(async (bench) => {
      const { org, database } = bench
      await org.set({ rotateRefreshTokens })
      const doomed = await bench.start({ failpoint: `${failpoint}:2` })
      expect(await doomed.request(1)).toEqual(['ok'])
      await org.expireSessions()
      await bench.forgetCalls()
      await expect(doomed.request(3)).rejects.toThrow(/SIGKILL/)
      const refreshes = (await bench.tokenCalls()).length

      const next = await bench.start({ machine: machine === 'same' ? 'one' : 'two' })
      const outcomes = await next.request(5)
      const all = (await bench.tokenCalls()).length
      figures.push(
        `${failpoint.padEnd(22)} ${String(rotateRefreshTokens).padEnd(9)} ${`${machine} machine`.padEnd(16)} ${`${refreshes} + ${all - refreshes}`.padEnd(10)} ${outcome}`,
      )
      const connection = await createConnectionQueries(database.pool).get('default')
      if (outcome === 'goes on') {
        expect(outcomes).toEqual(Array(5).fill('ok'))
        expect(connection?.status).toBe('connected')
        // What was granted before the kill is not asked for again where it was kept.
        const isKept = failpoint === 'refresh.before-commit' || failpoint === 'refresh.after-commit'
        expect(all - refreshes).toBe(isKept ? 0 : 1)
        return
      }
      for (const each of outcomes) expect(each).toMatch(/was lost.*Authorise the connection again/)
      expect(connection?.status).toBe('reauthorization_required')
      // The spent token was not presented: that would have ended every session of the approval.
      expect(all - refreshes).toBe(0)
      const row = await createSalesforceOauthTokenQueries(database.pool).find('default')
      expect(row?.calledAt).not.toBeNull()
    }),
)

test.concurrent('the machine that holds the answer brings the connection back when it starts again', () =>
  onBench(async (bench) => {
    const { database } = bench
    await dieWithKeptAnswer(bench)
    const elsewhere = await bench.start({ machine: 'two' })
    expect((await elsewhere.request(1))[0]).toMatch(/was lost/)

    const back = await bench.start()
    await back.takeOver()
    expect((await createConnectionQueries(database.pool).get('default'))?.status).toBe('connected')
    expect(await elsewhere.request(3)).toEqual(['ok', 'ok', 'ok'])
  }))

test.concurrent('what was granted to a connection that was revoked meanwhile leaves the disk', () =>
  onBench(async (bench) => {
    const { database } = bench
    await dieWithKeptAnswer(bench)
    expect(await bench.keptSessions()).toHaveLength(1)
    await createSalesforceOauthTokenQueries(database.pool).deactivate('default')
    await createConnectionQueries(database.pool).setRevoked('default')
    await (await bench.start()).takeOver()
    expect(await bench.keptSessions()).toEqual([])
    expect((await bench.org.calls('revoke')).map(({ status }) => status)).toEqual([200])
  }))

test.concurrent('what is granted to a connection that is revoked meanwhile is given back', () =>
  onBench(async (bench) => {
    const { org, database } = bench
    const tokens = createSalesforceOauthTokenQueries(database.pool)
    await org.set({ rotateRefreshTokens: true, refreshMs: 1_500 })
    const process = await bench.start()
    expect(await process.request(1)).toEqual(['ok'])
    await org.expireSessions()
    const refreshing = process.request(1)
    await until(async () => (await tokens.find('default'))?.calledAt instanceof Date, 10_000)
    await tokens.deactivate('default')
    await createConnectionQueries(database.pool).setRevoked('default')
    expect((await refreshing)[0]).toMatch(/was revoked/)
    await until(async () => (await org.calls('revoke')).length === 1, 10_000)
    expect(await org.calls('revoke')).toMatchObject([{ status: 200 }])
    expect(await bench.keptSessions()).toEqual([])
  }))

test.concurrent('other credentials after a crash do not get the session of those before', () =>
  onBench(async (bench) => {
    const { database } = bench
    await dieWithKeptAnswer(bench)
    // As where an operator points the server at another org before it starts again.
    const changed = await bench.start({ refreshToken: 'a-token-of-another-org' })
    expect((await changed.request(1))[0]).toMatch(/^SalesforceError: /)
    expect(
      (await createSalesforceOauthTokenQueries(database.pool).find('default'))?.sessionNumber,
    ).toBe(1)
  }))

test.concurrent('a process that is frozen past its lease commits what it was granted, and nobody spent its token', () =>
  onBench(async (bench) => {
    const { org, database } = bench
    await org.set({ rotateRefreshTokens: true })
    const frozen = await bench.start({ failpoint: 'refresh.after-answer:2=STOP' })
    await frozen.request(1)
    await org.expireSessions()
    const thawing = frozen.request(1)
    const other = await bench.start()
    expect((await other.request(1))[0]).toMatch(/was lost/)
    frozen.signal('SIGCONT')
    expect(await thawing).toEqual(['ok'])
    expect((await createConnectionQueries(database.pool).get('default'))?.status).toBe('connected')
    expect(await other.request(2)).toEqual(['ok', 'ok'])
  }))
