import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { type PushReceiver, startPushReceiver } from './push-receiver.ts'
import { createTestClient, type TestClient } from './test-client.ts'

const pushesSchema = z.object({
  waiting: z.number(),
  counts: z.record(z.string(), z.number()),
  pushes: z.array(
    z.object({
      outcome: z.string(),
      attempt: z.number(),
      error: z.string().nullable(),
      recordIds: z.array(z.string()),
    }),
  ),
})
export type RecordedPushes = z.infer<typeof pushesSchema>

/** An org and a receiver for tests of pushes; both are new, or as new, for each test. */
export interface PushFixture {
  readonly simulator: Simulator
  readonly client: TestClient
  readonly receiver: PushReceiver
  /** Subscribes and gives the subscription's number. */
  subscribe(path: '/outbound-messages' | '/webhooks', subscription: object): Promise<number>
  /** Makes a record and gives its id. */
  create(object: string, values: object): Promise<string>
  flush(): Promise<unknown>
  pushes(): Promise<RecordedPushes>
}

/** Must be called where tests are declared; what it gives may be used inside tests. */
export function usePushFixture(settings: object): PushFixture {
  let simulator: Simulator
  let client: TestClient
  let receiver: PushReceiver
  beforeAll(async () => {
    simulator = await startSimulator()
  })
  afterAll(() => simulator.close())
  beforeEach(async () => {
    await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
    client = await createTestClient(simulator.url)
    receiver = await startPushReceiver()
    await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0, ...settings })
  })
  afterEach(() => receiver.close())

  return {
    get simulator() {
      return simulator
    },
    get client() {
      return client
    },
    get receiver() {
      return receiver
    },
    async subscribe(path, subscription) {
      const added = await client.admin('POST', path, subscription)
      return z.object({ id: z.number() }).parse(added).id
    },
    async create(object, values) {
      const answer = await client.json('POST', `/sobjects/${object}`, values)
      return z.object({ id: z.string() }).parse(answer).id
    },
    flush: () => client.admin('POST', '/pushes/flush'),
    pushes: async () => pushesSchema.parse(await client.admin('GET', '/pushes')),
  }
}
