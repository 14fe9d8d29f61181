import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { createFaultBook } from '../faults/fault-book.ts'
import { defaultSettings } from '../settings.ts'
import { createCalloutQueue } from './callout-queue.ts'
import { createChangeQueue } from './change-queue.ts'
import { createPushDeliverer } from './deliver-push.ts'
import { createPushLog } from './push-log.ts'
import { webhookSchema } from './subscription.ts'
import { createWebhookSender } from './webhook-sender.ts'

test('changes that are taken away while their callouts are planned leave none behind', async () => {
  const database = new DatabaseSync(':memory:')
  const changes = createChangeQueue(database)
  const callouts = createCalloutQueue(database)
  const log = createPushLog()
  let isTakenAway = false
  const sender = createWebhookSender({
    database,
    changes: {
      ...changes,
      dueBatch(subscription, now) {
        const batch = changes.dueBatch(subscription, now)
        if (isTakenAway) changes.removeOf(subscription)
        return batch
      },
    },
    callouts,
    deliverer: createPushDeliverer(
      createFaultBook(1, () => ''),
      log,
    ),
    log,
    settings: defaultSettings,
  })
  const webhook = webhookSchema.parse({ url: 'http://127.0.0.1/', secret: 's' })
  const add = () =>
    changes.add({
      subscription: 1,
      batch: 'a',
      object: 'Account',
      recordId: '001000000000001AAA',
      kind: 'created',
      changed: [],
      values: {},
      by: 1,
      queued: 0,
      due: 0,
    })
  add()
  await sender.plan({ kind: 'webhook', n: 1, webhook })
  expect([changes.count(), callouts.count()]).toEqual([0, 1])
  isTakenAway = true
  add()
  await sender.plan({ kind: 'webhook', n: 1, webhook })
  expect([changes.count(), callouts.count()]).toEqual([0, 1])
  database.close()
})
