import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Child } from '../../dev/stack/child-process.ts'
import { createRandom } from '../../simulator/seeded-random.ts'
import { startTestConveyor } from '../setup/conveyor.ts'
import { differences, refresh } from './mirrored.ts'
import { createRecords } from './org-records.ts'
import { createRandomChanges } from './random-changes.ts'

const full = process.env['CRASH_SUITE'] === 'full'
const KILLS = full ? 12 : 3
const SEED = Number(process.env['MIRROR_SEED'] ?? 20_261_126)

/** Small pages, so that many end among rows of one time; few calls, so that runs break off and are gone on with. */
const ENVIRONMENT = {
  CONVEYOR_MIRROR_PAGE_ROWS: '7',
  CONVEYOR_MIRROR_BULK_FROM: '60',
  CONVEYOR_MIRROR_MAX_CALLS: '15',
}

test(`the mirror equals the org after random changes and ${KILLS} kills (seed ${SEED})`, {
  timeout: 900_000,
}, async () => {
  const conveyor = await startTestConveyor({ environment: ENVIRONMENT })
  let worker: Child | null = null
  try {
    // Rows are stamped up to two minutes before they can be seen.
    await conveyor.org.set({ stampLagMs: 120_000 })
    const changes = createRandomChanges(await createRecords(conveyor), SEED)
    const random = createRandom(SEED)
    await changes.change(25)
    const { url } = await conveyor.startApi()
    worker = await conveyor.startWorker()

    for (let kill = 0; kill < KILLS; kill += 1) {
      const pulled = refresh(url, { ms: 120_000 })
      const changed = changes.change(8)
      await sleep(200 + random() * 1_500)
      worker.kill()
      await worker.exited
      worker = await conveyor.startWorker()
      await Promise.all([changed, pulled])
    }

    // Each run takes few calls, so several bring it to its end.
    expect(await equalWithin(8, () => refresh(url))).toEqual([])

    await changes.hardDeleteSome()
    await changes.change(4)
    await refresh(url, { reconcile: true })
    expect(await equalWithin(25, () => refresh(url))).toEqual([])
  } finally {
    worker?.kill()
    await conveyor.stop()
  }

  /** What still differs after so many runs at most. */
  async function equalWithin(
    runs: number,
    run: () => Promise<unknown>,
  ): Promise<readonly string[]> {
    for (let left = runs; ; left -= 1) {
      const found = await differences(conveyor)
      if (found.length === 0 || left === 0) return found.slice(0, 20)
      await run()
    }
  }
})

test('a worker that was frozen writes nothing once its work was taken over', {
  timeout: 180_000,
}, async () => {
  const conveyor = await startTestConveyor({ environment: ENVIRONMENT })
  try {
    const records = await createRecords(conveyor)
    const ids = await records.insert('Account', 30, (n) => ({ Name: `Before ${n}` }))
    const { url } = await conveyor.startApi()
    const frozen = await conveyor.startWorker({
      CONVEYOR_FAILPOINT: 'mirror.before-commit:9=STOP',
    })
    const pulled = refresh(url, { ms: 120_000 })
    // The frozen one holds a page of the first load in its hands.
    await sleep(3_000)
    await records.update('Account', ids, (n) => ({ Name: `After ${n}` }))
    await records.remove(ids.slice(0, 3))
    await conveyor.startWorker()
    await pulled
    expect(await differences(conveyor)).toEqual([])
    process.kill(frozen.pid, 'SIGCONT')
    await sleep(2_000)
    expect(await differences(conveyor)).toEqual([])
    expect(frozen.output()).toContain('taken over')
  } finally {
    await conveyor.stop()
  }
})
