import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { z } from 'zod'
import { sharedNow } from './clock.ts'
import { answerParent } from './helper-process.ts'
import { type LoadSample, loadTaskSchema } from './run-load.ts'
import { sampleWebhook } from './sample-webhook.ts'

const CONNECTIONS = 64
/** Node's timers are no finer. */
const TICK_MS = 1

const answerSchema = z.object({ event_ids: z.array(z.string()).optional() })
/** Records of all runs differ: an event that is told apart by its record must be told apart. */
let sent = 0

/** An open loop: sends when it is time, whatever has become of what was sent before. */
answerParent({
  async run(input) {
    const task = loadTaskSchema.parse(input)
    const pool = new Pool(task.origin, { connections: CONNECTIONS, pipelining: 1 })
    const samples: LoadSample[] = []
    const underWay = new Set<Promise<void>>()
    const total = Math.round(task.rate * task.seconds)
    await warmUp(pool)
    const began = sharedNow()
    for (let n = 0; n < total; ) {
      const due = Math.min(total, Math.floor(((sharedNow() - began) / 1_000) * task.rate) + 1)
      for (; n < due; n += 1) {
        const plannedAt = began + (n / task.rate) * 1_000
        const objectType = task.objectTypes[n % task.objectTypes.length] ?? 'Account'
        const sending = send(objectType, plannedAt).finally(() => underWay.delete(sending))
        underWay.add(sending)
      }
      await sleep(TICK_MS)
    }
    await Promise.all(underWay)
    await pool.close()
    return samples

    async function send(objectType: string, plannedAt: number): Promise<void> {
      sent += 1
      const body = sampleWebhook(objectType, Date.now() * 1_000 + (sent % 1_000))
      const timestamp = String(Math.floor(Date.now() / 1_000))
      const signature = createHmac('sha256', task.secret)
        .update(`${timestamp}.${body}`)
        .digest('base64')
      const sentAt = sharedNow()
      try {
        const answer = await pool.request({
          path: '/webhooks/salesforce',
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-salesforce-timestamp': timestamp,
            'x-salesforce-signature': signature,
          },
          body,
        })
        const text = await answer.body.text()
        const answeredAt = sharedNow()
        const eventId =
          answer.statusCode === 200
            ? answerSchema.parse(JSON.parse(text)).event_ids?.[0]
            : undefined
        samples.push([eventId ?? null, plannedAt, sentAt, answeredAt, answer.statusCode])
      } catch {
        samples.push([null, plannedAt, sentAt, sharedNow(), 0])
      }
    }
  },
})

/** Connections are made before the clock starts, as those of a sender that has been at it for a while. */
async function warmUp(pool: Pool): Promise<void> {
  await Promise.all(
    Array.from({ length: CONNECTIONS / 4 }, async () => {
      const answer = await pool.request({ path: '/healthz', method: 'GET' })
      await answer.body.dump()
    }),
  )
}
