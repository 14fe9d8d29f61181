import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { usePushFixture } from '../testing/push-fixture.ts'
import { OK } from '../testing/push-receiver.ts'
import { isSigned } from '../testing/webhook-signature.ts'

const SECRET = 's3cret & more'
const fixture = usePushFixture({})
beforeEach(() => fixture.receiver.answer(OK))

const subscribe = (webhook: object = {}): Promise<number> =>
  fixture.subscribe('/webhooks', {
    url: `${fixture.receiver.url}/webhooks/salesforce`,
    secret: SECRET,
    ...webhook,
  })

const bodySchema = z.looseObject({
  event_type: z.string(),
  object: z.string(),
  ids: z.array(z.string()),
  changeType: z.string(),
  changedFields: z.array(z.string()),
})
const bodies = () => fixture.receiver.received.map(({ body }) => bodySchema.parse(JSON.parse(body)))

const outcomes = async () => (await fixture.pushes()).pushes

describe('faults', () => {
  const fault = (n: number, action: object, others: object = {}): Promise<unknown> =>
    fixture.client.admin('POST', '/faults', { match: { subscription: n }, action, ...others })

  test('drop, duplicate and delay', async () => {
    const n = await subscribe()
    await fault(n, { type: 'push_drop' })
    await fixture.create('Account', { Name: 'dropped' })
    await fixture.flush()
    expect(fixture.receiver.received).toHaveLength(0)
    await fault(n, { type: 'push_duplicate', copies: 2 })
    await fixture.create('Account', { Name: 'thrice' })
    await fixture.flush()
    expect(fixture.receiver.received).toHaveLength(3)
    expect(new Set(fixture.receiver.received.map(({ body }) => body)).size).toBe(1)
    await fault(n, { type: 'push_delay', ms: 150 })
    const before = Date.now()
    await fixture.create('Account', { Name: 'late' })
    await fixture.flush()
    expect(Date.now() - before).toBeGreaterThanOrEqual(150)
    expect(fixture.receiver.received).toHaveLength(4)
    expect((await outcomes()).map((push) => push.outcome)).toEqual([
      'dropped',
      'delivered',
      'delivered',
      'delivered',
      'delivered',
    ])
  })

  test('reorder: the next push overtakes', async () => {
    const n = await subscribe({ objects: ['Account', 'Lead'] })
    await fault(n, { type: 'push_reorder', ms: 10_000 })
    await fixture.create('Account', { Name: 'first' })
    await fixture.create('Lead', { LastName: 'second', Company: 'C' })
    await fixture.flush()
    expect(bodies().map((body) => body.object)).toEqual(['Lead', 'Account'])
  })

  test('a wrong signature, an old timestamp', async () => {
    const n = await subscribe()
    await fault(n, { type: 'push_wrong_signature' })
    await fixture.create('Account', { Name: 'A' })
    await fixture.flush()
    const [wrong] = fixture.receiver.received
    expect(isSigned(wrong, SECRET, wrong?.body ?? '', 'base64')).toBe(false)
    await fault(n, { type: 'push_old_timestamp', seconds: 600 })
    await fixture.create('Account', { Name: 'B' })
    await fixture.flush()
    const old = fixture.receiver.received[1]
    expect(isSigned(old, SECRET, old?.body ?? '', 'base64')).toBe(true)
    const age = Date.now() / 1_000 - Number(old?.headers['x-salesforce-timestamp'])
    expect(age).toBeGreaterThanOrEqual(600)
    expect(age).toBeLessThan(660)
  })

  test('by name, after so many, each so-many-th', async () => {
    await subscribe()
    await fixture.client.admin('POST', '/faults', {
      match: { call: 'push.webhook', object: 'Account' },
      after: 1,
      everyKth: 2,
      times: 'always',
      action: { type: 'push_drop' },
    })
    for (const name of ['1', '2', '3', '4', '5']) {
      await fixture.create('Account', { Name: name })
      await fixture.flush()
    }
    expect((await outcomes()).map((push) => push.outcome)).toEqual([
      'delivered',
      'delivered',
      'dropped',
      'delivered',
      'dropped',
    ])
  })
})
