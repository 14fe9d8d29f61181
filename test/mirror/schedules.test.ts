import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_CONNECTION_ID } from '../../contracts/tenancy.ts'
import { mirrorScheduleId } from '../../contracts/workflow-ids.ts'
import { row } from '../../db/row-type.ts'
import type { Child } from '../../dev/stack/child-process.ts'
import { callJson } from '../connections/authorize.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'
import { lookAtMirror, ofObject } from './mirrored.ts'
import { createRecords } from './org-records.ts'

let conveyor: TestConveyor
let url: string
let worker: Child
beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: {
      CONVEYOR_MIRROR_EVERY: '3600',
      SALESFORCE_TOKEN_ENCRYPTION_KEY: 'a key for mirrors that is long enough to be one',
    },
  })
  const records = await createRecords(conveyor)
  await records.insert('Account', 4, (n) => ({ Name: `Account ${n}` }))
  ;[{ url }, worker] = await Promise.all([conveyor.startApi(), conveyor.startWorker()])
})
afterAll(() => conveyor.stop())

async function schedules(): Promise<readonly string[]> {
  const ids: string[] = []
  for await (const { scheduleId } of conveyor.temporal.schedules.list()) ids.push(scheduleId)
  return ids.filter((id) => id.startsWith('mirror/')).sort()
}

const scheduleOf = (connectionId: string) => mirrorScheduleId(conveyor.installationId, connectionId)

function untilPulled(connectionId: string): Promise<void> {
  return until(
    async () => ofObject(await lookAtMirror(url, connectionId), 'Account').rows === 4,
    60_000,
    'the first pull',
  )
}

test('each connection is pulled from the moment that it is authorised until it is removed', async () => {
  await untilPulled(DEFAULT_CONNECTION_ID)
  const made = await callJson('POST', `${url}/v1/connections`, {
    ...{ flow: 'client_credentials', name: 'By secret' },
    ...{ client_id: 'simulator-client', client_secret: 'simulator-secret' },
  })
  const connectionId = String(made.body['id'])
  await untilPulled(connectionId)
  expect(await lookAtMirror(url, connectionId)).toMatchObject({ scheduled: true })
  const both = [scheduleOf(DEFAULT_CONNECTION_ID), scheduleOf(connectionId)].sort()
  await expect.poll(schedules).toEqual(both)

  await callJson('DELETE', `${url}/v1/connections/${connectionId}`)
  await expect.poll(schedules).toEqual([scheduleOf(DEFAULT_CONNECTION_ID)])
  const left = () =>
    conveyor.pool.oneFirst(sql.type(row<{ rows: number }>())`
      select (select count(*) from mirror_accounts where connection_id = ${connectionId})
        + (select count(*) from mirror_watermarks where connection_id = ${connectionId})
        + (select count(*) from mirror_runs where connection_id = ${connectionId}) as rows`)
  await expect.poll(left, { timeout: 60_000 }).toBe(0)
  expect(ofObject(await lookAtMirror(url), 'Account').rows).toBe(4)
})

test('what Temporal lost is made again at the next start, as the settings are then', async () => {
  await untilPulled(DEFAULT_CONNECTION_ID)
  const handle = conveyor.temporal.schedules.getHandle(scheduleOf(DEFAULT_CONNECTION_ID))
  await handle.delete()
  await worker.stop()
  worker = await conveyor.startWorker({ CONVEYOR_MIRROR_EVERY: '900' })
  await expect.poll(async () => (await handle.describe()).spec.intervals?.[0]?.every).toBe(900_000)
  const { policies } = await handle.describe()
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 900_000 })

  await worker.stop()
  worker = await conveyor.startWorker({ CONVEYOR_MIRROR_EVERY: '0' })
  await expect.poll(schedules).toEqual([])
  await expect.poll(async () => (await lookAtMirror(url)).scheduled).toBe(false)
})
