import { describe, expect, test } from 'vitest'
import { usePushFixture } from '../testing/push-fixture.ts'
import { ACK } from '../testing/push-receiver.ts'

/** For machines that are busy with other things. */
const PATIENT = { timeout: 8_000 }

const fixture = usePushFixture({
  outboundWindowMs: 0,
  outboundRetryFirstMs: 10,
  outboundShuffle: false,
})

const subscribe = (message: object): Promise<number> =>
  fixture.subscribe('/outbound-messages', {
    name: 'Changes',
    endpointUrl: `${fixture.receiver.url}/hook`,
    ...message,
  })

const notificationIds = (body: string): string[] =>
  [...body.matchAll(/<Id>(04l\w{15})<\/Id>/g)].map(([, id = '']) => id)
const recordIds = (body: string): string[] =>
  [...body.matchAll(/<sf:Id>(\w{18})<\/sf:Id>/g)].map(([, id = '']) => id)

describe('what happens between change and delivery', () => {
  test('a retry carries the latest data, and every notification of the record does', async () => {
    fixture.receiver.answer({ status: 503, body: '' }, ACK)
    await fixture.client.admin('PATCH', '/settings', { outboundRetryFirstMs: 60_000 })
    await subscribe({ object: 'Account', fields: ['Name'] })
    const id = await fixture.create('Account', { Name: 'old' })
    await expect.poll(() => fixture.receiver.received.length, PATIENT).toBe(1)
    await expect.poll(async () => (await fixture.pushes()).pushes.length, PATIENT).toBe(1)
    await fixture.client.admin('PATCH', '/settings', { outboundWindowMs: 60_000 })
    await fixture.client.json('PATCH', `/sobjects/Account/${id}`, { Name: 'new' })
    expect(fixture.receiver.received).toHaveLength(1)
    await fixture.client.admin('POST', '/pushes/retry')
    await fixture.flush()
    const bodies = fixture.receiver.received.map(({ body }) => body)
    expect(bodies[0]).toContain('<sf:Name>old</sf:Name>')
    const later = bodies.slice(1).join('')
    expect(later.match(/<sf:Name>new<\/sf:Name>/g)).toHaveLength(2)
    expect(later).not.toContain('old')
    expect(new Set(notificationIds(later)).size).toBe(2)
  })

  test('of a deleted record nothing is told, or its id', async () => {
    await fixture.client.admin('PATCH', '/settings', { outboundWindowMs: 60_000 })
    await subscribe({ object: 'Account', fields: ['Name'] })
    const id = await fixture.create('Account', { Name: 'A' })
    await fixture.client.json('DELETE', `/sobjects/Account/${id}`)
    await fixture.client.admin('POST', '/pushes/retry')
    await fixture.flush()
    const body = fixture.receiver.received[0]?.body ?? ''
    expect(
      body,
    ).toContain(`<sObject xsi:type="sf:Account" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id xsi:nil="true"/>
    </sObject>`)
    await fixture.client.admin('PATCH', '/settings', { outboundDeletedRecord: 'id' })
    const second = await fixture.create('Account', { Name: 'B' })
    await fixture.client.json('DELETE', `/sobjects/Account/${second}`)
    await fixture.client.admin('POST', '/pushes/retry')
    await fixture.flush()
    expect(recordIds(fixture.receiver.received[1]?.body ?? '')).toEqual([second])
    expect(fixture.receiver.received[1]?.body).not.toContain('sf:Name')
  })

  test('the wait grows up to its limit, and after its life a notification is given up', async () => {
    fixture.receiver.answer({ status: 503, body: '' })
    await fixture.client.admin('PATCH', '/settings', {
      outboundRetryFirstMs: 20,
      outboundRetryMaxMs: 80,
      outboundLifetimeMs: 2_000,
    })
    await subscribe({ object: 'Account' })
    await fixture.create('Account', { Name: 'A' })
    await fixture.flush()
    const log = await fixture.pushes()
    expect(log.waiting).toBe(0)
    expect(log.pushes.at(-1)).toMatchObject({ outcome: 'expired' })
    const attempts = log.pushes.filter((push) => push.outcome === 'failed').length
    // 20 + 40 + 80 + 80 + … and the time that the attempts take.
    expect(attempts).toBeGreaterThanOrEqual(3)
    expect(attempts).toBeLessThanOrEqual(28)
  })

  test('an acknowledged message may come once more', async () => {
    await fixture.client.admin('PATCH', '/settings', { outboundDuplicateRate: 1 })
    await subscribe({ object: 'Account' })
    await fixture.create('Account', { Name: 'A' })
    await fixture.flush()
    const ids = fixture.receiver.received.map(({ body }) => notificationIds(body))
    expect(ids).toHaveLength(2)
    expect(ids[1]).toEqual(ids[0])
  })

  test('removing a message drops what waits for it', async () => {
    fixture.receiver.answer({ status: 503, body: '' })
    await fixture.client.admin('PATCH', '/settings', { outboundRetryFirstMs: 60_000 })
    const n = await subscribe({ object: 'Account' })
    await fixture.create('Account', { Name: 'A' })
    await expect.poll(async () => (await fixture.pushes()).pushes.length, PATIENT).toBe(1)
    expect((await fixture.pushes()).waiting).toBe(1)
    await fixture.client.admin('DELETE', `/outbound-messages/${n}`)
    expect((await fixture.pushes()).waiting).toBe(0)
  })
})
