import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { INSTALLATION_MARK_ID, retentionScheduleId } from '../../contracts/workflow-ids.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkQueryQueries } from '../../db/bulk-queries.ts'
import { createWebhookReplayQueries } from '../../db/webhook-replays.ts'
import { connectTemporal, type TemporalConnection } from '../../temporal/connect.ts'
import { ForeignNamespaceError } from '../../temporal/foreign-namespace-error.ts'
import { createServerPreparation } from '../../temporal/prepare-server.ts'
import { createStarters } from '../../temporal/starters.ts'
import { createSweeper } from '../../temporal/sweeper.ts'
import { accountFor, distinctNames, expectExact } from '../setup/accounting.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'

const HOLDER = 'aaaaaaaaaaaa'

let conveyor: TestConveyor
let temporal: TemporalConnection

/** The namespace is held by an installation of which there is nothing else. */
beforeAll(async () => {
  conveyor = await startTestConveyor()
  temporal = connectTemporal({ ...conveyor.temporal, apiKey: null, tls: false })
  await preparationOf(HOLDER).prepare()
})
afterAll(async () => {
  await temporal.close()
  await conveyor.stop()
})

function preparationOf(installationId: string, takeOver = false) {
  return createServerPreparation({ temporal, installationId, takeOver, logger: { warn() {} } })
}

/** The other installation notices. */
async function holds(installationId: string): Promise<boolean> {
  return preparationOf(installationId)
    .claim()
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof ForeignNamespaceError) return false
        throw error
      },
    )
}

function expectRefusal(text: string): void {
  for (const part of [
    `"${conveyor.temporal.namespace}" at ${temporal.address}`,
    HOLDER,
    conveyor.installationId,
    'TEMPORAL_NAMESPACE',
    'CONVEYOR_TAKE_OVER_NAMESPACE',
  ]) {
    expect(text).toContain(part)
  }
}

describe('a namespace that carries the mark of another installation', () => {
  test('ends the worker with one message', async () => {
    const began = performance.now()
    const failure = await conveyor.startWorker().catch((error: unknown) => error)
    expect(performance.now() - began).toBeLessThan(20_000)
    const { message } = failure as Error
    expectRefusal(message)
    expect(message).toContain('exit code 1')
    expect(message).not.toContain('    at ')
    expect(message).not.toContain('worker ready')
  })

  test('is given no workflow; the API takes jobs all the same, and the owner to be starts them', async () => {
    const { url, child } = await conveyor.startApi()
    const names = distinctNames(30, 'Foreign')
    const response = await fetch(`${url}/v1/bulk-jobs?object=Account&operation=insert`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: ['Name', ...names].join('\n'),
    })
    expect(response.status).toBe(202)
    // The answer of our own API, read for its id.
    const { id } = (await response.json()) as { id: string }
    await until(async () => child.output().includes(HOLDER), 10_000, 'a line in the log')
    expectRefusal(child.output().replaceAll('\\"', '"'))
    const handle = temporal.client.workflow.getHandle(conveyor.workflowId(id))
    await expect(handle.describe()).rejects.toThrow('not found')
    expect((await conveyor.job(id)).state).toBe('Queued')

    await conveyor.startWorker({ CONVEYOR_TAKE_OVER_NAMESPACE: 'true' })
    expect((await conveyor.waitForEnd(id)).state).toBe('Completed')
    expectExact(await accountFor(conveyor, id, names))
    expect(await holds(conveyor.installationId)).toBe(true)
    expect(await holds(HOLDER)).toBe(false)
    const old = temporal.client.schedule.getHandle(retentionScheduleId(HOLDER))
    await expect(old.describe()).rejects.toThrow('not found')
  })
})

describe('the mark', () => {
  test('goes to one of several that come at once', async () => {
    const { namespace } = conveyor.temporal
    await temporal.client.schedule.getHandle(INSTALLATION_MARK_ID).delete()
    const ids = Array.from({ length: 6 }, (_, at) => `${at}`.repeat(12))
    const claims = await Promise.allSettled(ids.map((id) => preparationOf(id).claim()))
    const winners = ids.filter((_, at) => claims[at]?.status === 'fulfilled')
    expect(winners).toHaveLength(1)
    for (const claim of claims) {
      if (claim.status === 'rejected') {
        expect(claim.reason).toBeInstanceOf(ForeignNamespaceError)
        expect(claim.reason.message).toContain(`"${namespace}"`)
      }
    }
  })

  test('is taken over once: who held it stops starting at the next look', async () => {
    const first = preparationOf('1'.repeat(12), true)
    await first.claim()
    const second = preparationOf('2'.repeat(12), true)
    await second.claim()
    await first.requireOwn()
    await expect(first.claim()).rejects.toThrow(ForeignNamespaceError)
    await expect(first.requireOwn()).rejects.toThrow(ForeignNamespaceError)
    const starters = createStarters(temporal, '1'.repeat(12), first)
    await expect(starters.wakeBulkJob('bulk_job_x')).rejects.toThrow(ForeignNamespaceError)
    await second.claim()
  })

  test('ends the rounds of a sweeper that runs when it changes hands', async () => {
    const first = preparationOf('1'.repeat(12), true)
    await first.claim()
    let rounds = 0
    const lost = Promise.withResolvers<unknown>()
    const sweeper = createSweeper({
      temporal,
      starters: createStarters(temporal, '1'.repeat(12), first),
      store: {
        starts: {
          async claimPending() {
            rounds += 1
            return []
          },
          claimUnfinished: async () => [],
          claimUnfinishedReplays: async () => [],
          claimUnfinishedQueries: async () => [],
          markStarted: async () => {},
          markAttempted: async () => {},
        },
        jobs: createBulkJobQueries(conveyor.pool),
        flows: { clearExpired: async () => 0 },
        replays: createWebhookReplayQueries(conveyor.pool),
        bulkQueries: createBulkQueryQueries(conveyor.pool),
        soqlQueries: { clearExpired: async () => 0 },
      },
      server: first,
      onForeign: lost.resolve,
      logger: { info() {}, warn() {} },
      // Looking for the mark at every round would put it back between its removal and the new one.
      ...{ intervalMs: 20, claimAgainMs: 1_000 },
    })
    sweeper.start()
    await until(async () => rounds > 1, 10_000, 'a round')
    await preparationOf('2'.repeat(12), true).claim()
    expect(await lost.promise).toBeInstanceOf(ForeignNamespaceError)
    const before = rounds
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(rounds).toBe(before)
    await sweeper.stop()
  })

  test('counts while the server is away for a moment', async () => {
    let isAway = false
    const refuse = { getHandle: () => ({ describe: () => Promise.reject(new Error('away')) }) }
    const preparation = createServerPreparation({
      temporal: Object.create(temporal, {
        schedules: { get: () => (isAway ? refuse : temporal.schedules) },
      }),
      ...{ installationId: '3'.repeat(12), takeOver: true, logger: { warn() {} } },
    })
    await preparation.claim()
    isAway = true
    await expect(preparation.claim()).rejects.toThrow('away')
    await preparation.requireOwn()
  })
})
