import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'

let conveyor: TestConveyor

beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: {
      SALESFORCE_REFRESH_TOKEN: 'simulator-refresh-token',
      SALESFORCE_TOKEN_ENCRYPTION_KEY: 'a text of at least thirty-two characters',
    },
  })
  await conveyor.org.set({ rotateRefreshTokens: true })
})
afterAll(() => conveyor.stop())

test('a rotated refresh token outlives the process that got it', async () => {
  for (const name of ['First', 'Second']) {
    const worker = await conveyor.startWorker()
    const jobId = await conveyor.stage({ columns: ['Name'], rows: [[name]] })
    expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
    await worker.stop()
  }
})
