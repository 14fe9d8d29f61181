import { randomBytes } from 'node:crypto'
import { Agent } from 'undici'
import { signDelivery } from '../../security/sign-delivery.ts'
import type { LoopJob, LoopTask } from './loop-task.ts'
import { sampleWebhook } from './sample-webhook.ts'

const CONNECTIONS_PER_HOST = 128

/** What a bare loop does with a job: a signed POST by the client that Conveyor uses, and an error unless it is a 2xx. */
export function createPoster() {
  const agent = new Agent({ connections: CONNECTIONS_PER_HOST, pipelining: 1 })
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  return async ({ id, url, body }: LoopJob): Promise<void> => {
    const { origin, pathname } = new URL(url)
    const answer = await agent.request({
      origin,
      path: pathname,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...signDelivery([secret], id, new Date(), body),
      },
      body,
    })
    await answer.body.dump()
    if (answer.statusCode >= 300) throw new Error(`The endpoint answered ${answer.statusCode}.`)
  }
}

/** One a delivery. The body is as long as Conveyor's for the same webhook. */
export function jobsOf({ endpoints, events }: LoopTask): LoopJob[] {
  return Array.from({ length: events }, (_, n) => n).flatMap((n) => {
    const body = sampleWebhook('Account', n) + ' '.repeat(300)
    return endpoints.map((url) => ({ id: `evt_${n}`, url, body }))
  })
}
