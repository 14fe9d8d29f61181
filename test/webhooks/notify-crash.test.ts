import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FakePlatform } from '../setup/fake-platform.ts'
import { startFakeSlack } from '../setup/fake-slack.ts'
import { until } from '../setup/simulator.ts'
import { eventsFor, type NotifyConveyor, startNotifyConveyor } from './notify-conveyor.ts'

let slack: FakePlatform
let notify: NotifyConveyor
beforeAll(async () => {
  slack = await startFakeSlack()
  notify = await startNotifyConveyor({ window: 1, longest: 2 })
})
afterAll(async () => {
  await notify?.stop()
  await slack?.close()
})

test.each([
  // Killed before the call: it goes once.
  ['begun', [3]],
  // Between the platform's answer and our note of it, nobody can know: it goes again, and never not at all.
  ['answered', [3, 3]],
] as const)('a worker killed where a message is %s', async (place, told) => {
  const channelId = await notify.addChannel('slack', slack.urlOf(place))
  const doomed = await notify.conveyor.startWorker({ CONVEYOR_FAILPOINT: `notification.${place}` })
  await notify.queue(eventsFor(channelId, 3))
  expect(await doomed.exited).toMatch(/SIGKILL/)
  // What comes while nobody is there waits.
  await notify.queue(eventsFor(channelId, 2))
  const worker = await notify.conveyor.startWorker()
  await until(
    async () =>
      slack.taken(place).reduce((sum, { events }) => sum + events, 0) >= 2 + told.length * 3,
    60_000,
    'all to be told',
  )
  expect(slack.taken(place).map(({ events }) => events)).toEqual([...told, 2])
  await until(async () => (await notify.messages(channelId))[1]?.state === 'sent', 60_000)
  expect(await notify.messages(channelId)).toMatchObject([
    { cause: 'event', state: 'sent', items: 3, attempts: 2 },
    { state: 'sent', items: 2, attempts: 1 },
  ])
  expect(slack.violations).toEqual([])
  await worker.stop()
})
