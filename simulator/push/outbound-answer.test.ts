import { describe, expect, test } from 'vitest'
import { usePushFixture } from '../testing/push-fixture.ts'
import { ACK } from '../testing/push-receiver.ts'

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

describe('acknowledgement', () => {
  const envelope = (body: string): string =>
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`
  const outbound = 'http://soap.sforce.com/2005/09/outbound'

  test.each([
    ['an error status', { ...ACK, status: 500 }],
    ['a success that is not 200', { ...ACK, status: 202 }],
    ['no body', { status: 200, body: '' }],
    ['no XML', { status: 200, body: 'OK' }],
    [
      'the element that blogs show',
      {
        status: 200,
        body: envelope(`<notifications xmlns="${outbound}"><Ack>true</Ack></notifications>`),
      },
    ],
    [
      'another namespace',
      {
        status: 200,
        body: envelope('<notificationsResponse><Ack>true</Ack></notificationsResponse>'),
      },
    ],
    [
      'Ack in another namespace',
      {
        status: 200,
        body: envelope(
          `<n:notificationsResponse xmlns:n="${outbound}"><Ack>true</Ack></n:notificationsResponse>`,
        ),
      },
    ],
    [
      'false',
      {
        status: 200,
        body: envelope(
          `<notificationsResponse xmlns="${outbound}"><Ack>false</Ack></notificationsResponse>`,
        ),
      },
    ],
    ['a broken document', { status: 200, body: ACK.body.slice(0, -10) }],
    [
      'a document type',
      { status: 200, body: `<!DOCTYPE a [<!ENTITY b "true">]>${ACK.body.replace(/<\?.*\?>/, '')}` },
    ],
  ])('%s is none: the same notification comes again', async (_, answer) => {
    fixture.receiver.answer(answer, ACK)
    await subscribe({ object: 'Account' })
    await fixture.create('Account', { Name: 'A' })
    await fixture.flush()
    expect(fixture.receiver.received).toHaveLength(2)
    const [first, second] = fixture.receiver.received.map(({ body }) => notificationIds(body))
    expect(second).toEqual(first)
    const log = await fixture.pushes()
    expect(log.pushes.map((push) => [push.outcome, push.attempt])).toEqual([
      ['failed', 1],
      ['delivered', 2],
    ])
  })

  test('prefixes, white space, CDATA and comments do not matter', async () => {
    fixture.receiver.answer({
      status: 200,
      body: `\uFEFF<!-- hello -->${envelope(
        `<o:notificationsResponse xmlns:o='${outbound}'>\n<o:Ack >\n<![CDATA[true]]> </o:Ack>\n</o:notificationsResponse>`,
      )}`,
    })
    await subscribe({ object: 'Account' })
    await fixture.create('Account', { Name: 'A' })
    await fixture.flush()
    expect(fixture.receiver.received).toHaveLength(1)
  })

  test('a listener that is too slow is asked again', async () => {
    await fixture.client.admin('PATCH', '/settings', {
      outboundTimeoutMs: 50,
      outboundRetryFirstMs: 60_000,
    })
    let release = (): void => {}
    const after = new Promise<void>((resolve) => {
      release = resolve
    })
    fixture.receiver.answer({ ...ACK, after }, ACK)
    await subscribe({ object: 'Account' })
    await fixture.create('Account', { Name: 'A' })
    await expect
      .poll(async () => (await fixture.pushes()).pushes.length, { timeout: 8_000 })
      .toBe(1)
    release()
    await fixture.client.admin('PATCH', '/settings', { outboundTimeoutMs: 10_000 })
    await fixture.client.admin('POST', '/pushes/retry')
    await fixture.flush()
    expect(fixture.receiver.received).toHaveLength(2)
    expect((await fixture.pushes()).pushes[0]).toMatchObject({
      outcome: 'failed',
      error: 'Read timed out',
    })
  })
})
