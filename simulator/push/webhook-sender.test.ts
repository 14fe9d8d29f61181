import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { beforeEach, describe, expect, test } from 'vitest'
import { startSimulator } from '../start-simulator.ts'
import { usePushFixture } from '../testing/push-fixture.ts'
import { OK } from '../testing/push-receiver.ts'
import { createTestClient } from '../testing/test-client.ts'
import { isSigned } from '../testing/webhook-signature.ts'

/** For machines that are busy with other things. */
const PATIENT = { timeout: 8_000 }

const SECRET = 's3cret & more'
const fixture = usePushFixture({})
beforeEach(() => fixture.receiver.answer(OK))

const subscribe = (webhook: object = {}): Promise<number> =>
  fixture.subscribe('/webhooks', {
    url: `${fixture.receiver.url}/webhooks/salesforce`,
    secret: SECRET,
    ...webhook,
  })

const outcomes = async () => (await fixture.pushes()).pushes

describe('failure', () => {
  test('is final: Apex makes a callout once', async () => {
    fixture.receiver.answer({ status: 500, body: '' })
    await subscribe()
    await fixture.create('Account', { Name: 'A' })
    await fixture.flush()
    expect(fixture.receiver.received).toHaveLength(1)
    expect(await outcomes()).toMatchObject([{ outcome: 'failed', error: 'status 500' }])
  })

  test('is repeated by an author who asks for it, with a fresh signature', async () => {
    fixture.receiver.answer({ status: 500, body: '' }, { status: 302, body: '' }, OK)
    await subscribe({ retries: 2, retryDelayMs: 1 })
    await fixture.create('Account', { Name: 'A' })
    await fixture.flush()
    expect((await outcomes()).map((push) => [push.attempt, push.outcome])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'delivered'],
    ])
    expect(new Set(fixture.receiver.received.map(({ body }) => body)).size).toBe(1)
    for (const push of fixture.receiver.received)
      expect(isSigned(push, SECRET, push.body, 'base64')).toBe(true)
  })

  test('comes of a fixture.receiver that is too slow, and of one that is not there', async () => {
    await fixture.client.admin('PATCH', '/settings', { calloutTimeoutMs: 40 })
    let release = (): void => {}
    fixture.receiver.answer({ ...OK, after: new Promise<void>((resolve) => (release = resolve)) })
    await subscribe()
    await fixture.create('Account', { Name: 'A' })
    await fixture.flush()
    release()
    await fixture.receiver.close()
    await fixture.client.admin('PATCH', '/settings', { calloutTimeoutMs: 10_000 })
    await fixture.create('Account', { Name: 'B' })
    await fixture.flush()
    const [slow, gone] = await outcomes()
    expect(slow).toMatchObject({ outcome: 'failed', error: 'Read timed out' })
    expect(gone).toMatchObject({
      outcome: 'failed',
      error: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

test('what was not sent before a restart is sent after it', async () => {
  const { receiver } = fixture
  const folder = mkdtempSync(`${tmpdir()}/simulator-push-`)
  const database = `${folder}/org.sqlite`
  receiver.answer({ status: 503, body: '' }, OK)
  const first = await startSimulator({ database })
  try {
    const client = await createTestClient(first.url)
    await client.admin('POST', '/webhooks', {
      url: receiver.url,
      secret: SECRET,
      retries: 5,
      retryDelayMs: 60_000,
    })
    await client.json('POST', '/sobjects/Account', { Name: 'A' })
    await expect
      .poll(() => client.admin('GET', '/pushes'), PATIENT)
      .toMatchObject({ waiting: 1, counts: { failed: 1 } })
  } finally {
    await first.close()
  }
  const second = await startSimulator({ database })
  try {
    const client = await createTestClient(second.url)
    await client.admin('POST', '/pushes/retry')
    await client.admin('POST', '/pushes/flush')
    expect(receiver.received).toHaveLength(2)
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body)
  } finally {
    await second.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
