import { createHmac } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'slonik'
import { expect, test } from 'vitest'
import { row } from '../../db/row-type.ts'
import type { Child } from '../../dev/stack/child-process.ts'
import { freePort } from '../../dev/stack/free-port.ts'
import { startPostgres } from '../../dev/stack/postgres.ts'
import { obtainTemporalBinary } from '../../dev/stack/temporal-binary.ts'
import { startTemporalServer } from '../../dev/stack/temporal-server.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'
import { type Receiver, startReceiver } from '../webhooks/receiver.ts'
import { addSubscription, ENCRYPTION_KEY } from '../webhooks/webhook-setup.ts'

const full = process.env['CRASH_SUITE'] === 'full'
/** Sent all the while, whatever is down; at least so many in all. */
const RATE = full ? 300 : 40
const EVENTS = full ? 20_000 : 400
const FAULTS = full ? 35 : 5
const RECEIVERS = 5
const MOST_UNDER_WAY = 5_000
/** In the full run Temporal is away for so long once, while events come in. */
const WITHOUT_TEMPORAL_MS = full ? 60_000 : 3_000
const WEBHOOK_SECRET = 'the-secret-of-the-crash-tests'

const PARTS = ['worker', 'api', 'temporal', 'postgres', 'receiver'] as const
type Part = (typeof PARTS)[number]

/** What a Salesforce org does: it sends each event until it is acknowledged, the same bytes each time. */
function createSender(url: string) {
  const acknowledged = new Set<string>()
  let repeated = 0

  async function send(objectId: string): Promise<void> {
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const body = JSON.stringify({
      ...{ event_type: 'Account.updated', object: 'Account', ids: [objectId] },
      ...{ changeType: 'UPDATE', changedFields: ['Name'], record: { Id: objectId, Name: 'Acme' } },
    })
    const signature = createHmac('sha256', WEBHOOK_SECRET)
      .update(`${timestamp}.${body}`)
      .digest('base64')
    for (;;) {
      try {
        const answer = await fetch(`${url}/webhooks/salesforce`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-salesforce-signature': signature,
            'x-salesforce-timestamp': timestamp,
          },
          body,
          signal: AbortSignal.timeout(10_000),
        })
        await answer.text()
        if (answer.status === 200) {
          acknowledged.add(objectId)
          return
        }
        if (answer.status < 500) throw new Error(`The webhook was refused: ${answer.status}`)
      } catch (error) {
        // Cut off: whether it was taken in is not known, so it goes again.
        if (error instanceof Error && error.message.startsWith('The webhook was refused'))
          throw error
      }
      repeated += 1
      await sleep(200)
    }
  }

  return { send, acknowledged, repeated: () => repeated }
}

test(`${RATE} webhooks a second while ${FAULTS} times a part is killed or cut`, {
  timeout: 1_500_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'conveyor-webhooks-'))
  await chmod(directory, 0o711)
  const binary = await obtainTemporalBinary({ env: process.env, report: () => {} })
  const postgresPort = await freePort()
  const temporalPort = await freePort()
  const postgresOf = () =>
    startPostgres({ directory: join(directory, 'postgres'), port: postgresPort })
  const temporalOf = () =>
    startTemporalServer({
      ...{ binary: binary.path, port: temporalPort },
      databaseFile: join(directory, 'temporal.sqlite'),
    })
  let postgres = await postgresOf()
  let temporal = await temporalOf()
  const conveyor = await startTestConveyor({
    databaseUrl: postgres.url,
    temporalAddress: temporal.address,
    environment: {
      ...{ NODE_ENV: 'test', CONVEYOR_ALLOW_PRIVATE_ADDRESSES: 'true' },
      SALESFORCE_TOKEN_ENCRYPTION_KEY: ENCRYPTION_KEY,
      SALESFORCE_WEBHOOK_SECRET: WEBHOOK_SECRET,
      // The real ladder takes a day; this one has the same shape.
      CONVEYOR_DELIVERY_RETRY_SCHEDULE: '0.5,1,2,4,8,15,30,60,60',
      CONVEYOR_DELIVERY_TIMEOUT: '3',
    },
  })
  const apiPort = String(await freePort())
  let worker: Child | null = null
  let api: Child | null = null
  const receivers: Receiver[] = []
  const faults: Record<Part, number> = { worker: 0, api: 0, temporal: 0, postgres: 0, receiver: 0 }

  async function restart(part: Part): Promise<void> {
    switch (part) {
      case 'worker':
        worker?.kill()
        await worker?.exited
        worker = await conveyor.startWorker({ WORKER_QUEUES: 'conveyor,pump' })
        return
      case 'api':
        api?.kill()
        await api?.exited
        api = (await conveyor.startApi({ PORT: apiPort })).child
        return
      case 'temporal':
        temporal.kill()
        await temporal.exited
        temporal = await temporalOf()
        return
      case 'postgres':
        postgres.kill()
        await postgres.exited
        postgres = await postgresOf()
        return
      case 'receiver':
        await cut(receivers[faults.receiver % RECEIVERS])
        return
      default:
        return unreachable(part)
    }
  }

  try {
    for (let each = 0; each < RECEIVERS; each += 1) {
      const receiver = await startReceiver()
      receivers.push(receiver)
      await addSubscription(conveyor.pool, createSealing([deriveSealingKey(ENCRYPTION_KEY)]), {
        url: receiver.url,
      })
    }
    await restart('worker')
    await restart('api')
    const sender = createSender(`http://127.0.0.1:${apiPort}`)
    const began = performance.now()
    const flow = sendSteadily(sender.send)
    for (let fault = 0; fault < FAULTS; fault += 1) {
      const part = PARTS[fault % PARTS.length] ?? 'worker'
      await restart(part)
      faults[part] += 1
      await sleep(200)
    }
    // Temporal is away, and webhooks are acknowledged all the same.
    temporal.kill()
    await temporal.exited
    const before = sender.acknowledged.size
    await sleep(WITHOUT_TEMPORAL_MS)
    const withoutTemporal = sender.acknowledged.size - before
    expect(withoutTemporal).toBeGreaterThan((RATE * WITHOUT_TEMPORAL_MS) / 1_000 / 2)
    temporal = await temporalOf()
    faults.temporal += 1
    while (flow.sent() < EVENTS) await sleep(100)
    const seconds = (performance.now() - began) / 1_000
    await flow.stop()

    const wanted = sender.acknowledged
    expect(wanted.size).toBe(flow.sent())
    await until(
      async () =>
        receivers.every(
          (receiver) =>
            receiver.acknowledged.length >= wanted.size &&
            deliveredTo(receiver).size >= wanted.size,
        ),
      600_000,
      'all deliveries',
    )
    await untilNothingWaits(conveyor)
    for (const receiver of receivers) expect(deliveredTo(receiver)).toEqual(wanted)
    expect(await undelivered(conveyor)).toEqual([])
    print({
      events: wanted.size,
      perSecond: Math.round(wanted.size / seconds),
      withoutTemporal,
      repeated: sender.repeated(),
      faults,
      duplicates: receivers.map(duplicatesOf),
    })
  } finally {
    for (const receiver of receivers) await receiver.close()
    await conveyor.stop()
    await temporal.stop()
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
})

/** So many a second, however long each is under way, until it is told to stop. */
function sendSteadily(send: (objectId: string) => Promise<void>) {
  const underWay = new Set<Promise<void>>()
  let sent = 0
  let goes = true
  async function run(): Promise<void> {
    const began = performance.now()
    while (goes) {
      const due = Math.floor(((performance.now() - began) / 1_000) * RATE)
      for (; sent < due; sent += 1) {
        const one = send(objectIdOf(sent))
        underWay.add(one)
        void one.then(() => underWay.delete(one))
      }
      // What is cut off waits; a sender has only so many at once.
      if (underWay.size > MOST_UNDER_WAY) await Promise.race(underWay)
      else await sleep(5)
    }
    await Promise.all(underWay)
  }
  const running = run()
  return {
    sent: () => sent,
    async stop() {
      goes = false
      await running
    },
  }
}

/** Answers nothing for a while: connections break, and new ones wait for an answer that does not come. */
async function cut(receiver: Receiver | undefined): Promise<void> {
  if (receiver === undefined) return
  receiver.answer((_request, response) => response.destroy())
  await sleep(1_500)
  receiver.answer((_request, response) => response.writeHead(204).end())
}

function objectIdOf(number: number): string {
  return `001${String(number).padStart(12, '0')}AAA`
}

/** Records of deliveries that the receiver took. */
function deliveredTo(receiver: Receiver): Set<string> {
  return new Set(
    receiver.acknowledged.map(({ body }) => (JSON.parse(body) as { object_id: string }).object_id),
  )
}

function duplicatesOf(receiver: Receiver): number {
  return receiver.acknowledged.length - deliveredTo(receiver).size
}

async function untilNothingWaits({ pool }: TestConveyor): Promise<void> {
  await until(
    async () =>
      (await pool.oneFirst(sql.type(row<{ waiting: number }>())`
        select (select count(*) from webhook_event_queue) + (select count(*) from webhook_delivery_queue)
          as waiting`)) === 0,
    120_000,
    'nothing waits',
  )
}

/** Deliveries without a 2xx at the end. */
function undelivered({ pool }: TestConveyor) {
  return pool.any(sql.type(row<{ state: string; deliveries: number }>())`
    select state, count(*) as deliveries from webhook_deliveries where state <> 'delivered' group by 1`)
}

function print(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`\nwebhooks under faults: ${JSON.stringify(line)}\n`)
}

function unreachable(part: never): never {
  throw new Error(`Unknown part ${String(part)}`)
}
