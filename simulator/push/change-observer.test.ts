import { expect, test } from 'vitest'
import type { WriteContext } from '../rules/object-rules.ts'
import { createSchema } from '../schema/schema.ts'
import { defaultSettings } from '../settings.ts'
import { openDatabase, savepoint, transaction } from '../store/database.ts'
import { createRecordStore } from '../store/record-store.ts'
import { createRecordWriter } from '../store/record-writer.ts'
import { createChangeObserver } from './change-observer.ts'
import { createChangeQueue } from './change-queue.ts'
import { outboundMessageSchema, webhookSchema } from './subscription.ts'
import { createSubscriptionStore } from './subscription-store.ts'

const context: WriteContext = { stamp: { at: 0, by: 1 }, source: 'rest' }

function setUp() {
  const schema = createSchema()
  const database = openDatabase({ path: ':memory:', durable: false }, schema, 0)
  const store = createRecordStore(database)
  const observe = createChangeObserver(database, store, defaultSettings)
  const writer = createRecordWriter({ schema, store, rules: () => [], observers: [observe] })
  const account = schema.object('Account')
  if (account === null) throw new Error('the schema has no Account')
  const write = <T>(work: () => T): T =>
    transaction(database, () => {
      store.beginTransaction()
      const result = work()
      store.endTransaction()
      return result
    })
  const subscriptions = createSubscriptionStore(database)
  const outbound = subscriptions.addOutbound(
    outboundMessageSchema.parse({ name: 'A', object: 'Account', endpointUrl: 'http://127.0.0.1/' }),
  )
  const webhook = subscriptions.addWebhook(
    webhookSchema.parse({ url: 'http://127.0.0.1/', secret: 'a' }),
  )
  const queue = createChangeQueue(database)
  const queued = ({ n }: { n: number }) => queue.due(n, Number.MAX_SAFE_INTEGER, 1_000)
  return { database, writer, account, write, outbound, webhook, queue, queued }
}

test('a rule fires once for a record and transaction, a trigger each time', () => {
  const { writer, account, write, outbound, webhook, queued } = setUp()
  const id = write(() => writer.insert(account, { Name: 'A' }, context)).id
  // Two transactions in one turn of the event loop, the first with two saves.
  write(() => {
    writer.update(account, id, { Name: 'B' }, context)
    writer.update(account, id, { Name: 'C' }, context)
  })
  write(() => writer.update(account, id, { Name: 'D' }, context))
  expect(queued(outbound).map((change) => change.kind)).toEqual(['created', 'updated', 'updated'])
  expect(queued(webhook)).toHaveLength(4)
  expect(new Set(queued(webhook).map((change) => change.batch)).size).toBe(3)
})

test('what is rolled back is not queued, in whole or in part', () => {
  const { database, writer, account, write, webhook, queue, queued } = setUp()
  const failing = (): never => {
    writer.insert(account, { Name: 'gone' }, context)
    throw new Error('rolled back')
  }
  expect(() => write(failing)).toThrow('rolled back')
  expect(queue.count()).toBe(0)
  const kept = write(() => {
    expect(() => savepoint(database, failing)).toThrow('rolled back')
    return writer.insert(account, { Name: 'kept' }, context)
  })
  expect(queued(webhook).map((change) => change.recordId)).toEqual([kept.id])
})
