import { sql } from 'slonik'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EventSchema } from '../../contracts/http/webhook-events.ts'
import { row } from '../../db/row-type.ts'
import { problemOf, startTestApi, type TestApi } from '../api/test-api.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'

let api: TestApi
let readers: Reader[]
beforeEach(async () => {
  api = await startTestApi({
    streams: {
      ...{ mostOfWorkspace: 3, mostOfProcess: 1_000, bufferBytes: 20_000 },
      ...{ heartbeatMs: 100, patienceMs: 200, lifeMs: 60_000 },
    },
  })
  readers = []
})
afterEach(async () => {
  for (const reader of readers) reader.close()
  await api.stop()
})

interface Message {
  readonly id: string | null
  readonly event: string | null
  readonly data: string | null
}

interface Reader {
  readonly messages: Message[]
  /** Comments, such as signs of life. */
  readonly comments: string[]
  readonly ended: Promise<void>
  /** The positions that it got. */
  positions(): number[]
  close(): void
}

async function read(headers: Record<string, string> = {}, query = ''): Promise<Reader> {
  const aborted = new AbortController()
  const answer = await fetch(`${api.url}/v1/events/stream${query}`, {
    headers,
    signal: aborted.signal,
  })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const messages: Message[] = []
  const comments: string[] = []
  async function take(): Promise<void> {
    let text = ''
    const body = answer.body?.pipeThrough(new TextDecoderStream()) ?? []
    for await (const piece of body) {
      text += piece
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        if (block.startsWith(':')) comments.push(block)
        else if (!block.startsWith('retry')) messages.push(parse(block))
      }
    }
  }
  const reader: Reader = {
    messages,
    comments,
    // The other end, or this one, ended it.
    ended: take().catch(() => {}),
    positions: () => messages.filter(({ event }) => event === null).map(({ id }) => Number(id)),
    close: () => aborted.abort(),
  }
  readers.push(reader)
  return reader
}

function parse(block: string): Message {
  const field = (name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? null
  return { id: field('id'), event: field('event'), data: field('data') }
}

/** As the pump does at the end of a batch: events and position are seen together. */
async function process(count: number, workspaceId = 'default', changedField = 'Name') {
  await api.pool.query(sql.type(row<never>())`
    with reached as (
      insert into webhook_positions as p (workspace_id, last_position) values (${workspaceId}, ${count})
      on conflict (workspace_id) do update set last_position = p.last_position + ${count}
      returning last_position)
    insert into salesforce_webhook_events (event_id, workspace_id, source, event_type, object_type, object_id,
      change_type, changed_fields, payload, occurred_at, processed, processed_at, position)
    select 'evt_' || gen_random_uuid(), ${workspaceId}, 'webhook', 'Account.updated', 'Account', '1', 'updated',
      jsonb_build_array(${changedField}::text), '{}', now(), true, now(), last_position - ${count} + n
    from reached, generate_series(1, ${count}) n`)
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

test('a reader gets what is new, in order, once, and nothing of others', async () => {
  await addWorkspace(api.pool, 'other')
  await process(3)
  const reader = await read()
  await process(2, 'other')
  await process(4)
  api.eventHub.hint('default')
  await expect.poll(() => reader.positions()).toEqual([4, 5, 6, 7])
  const [first] = reader.messages
  expect(EventSchema.parse(JSON.parse(first?.data ?? ''))).toMatchObject({
    ...{ position: 4, event_type: 'Account.updated', state: 'processed' },
  })
  await expect.poll(() => reader.comments.length).toBeGreaterThan(0)
})

test('without a hint it is found by looking', async () => {
  const reader = await read()
  await process(1)
  await expect.poll(() => reader.positions()).toEqual([1])
})

test('a reader that comes back goes on where it left off, while more arrives', async () => {
  await process(450)
  const reader = await read({ 'last-event-id': '17' })
  await process(30)
  await expect.poll(() => reader.positions().length).toBe(463)
  expect(reader.positions()).toEqual(upTo(480).slice(17))
  const byQuery = await read({}, '?after=470')
  await expect.poll(() => byQuery.positions()).toEqual(upTo(480).slice(470))
})

describe('a position that is not there', () => {
  test('any more is told, and it goes on with the oldest', async () => {
    await process(6)
    await api.pool.query(sql.type(row<never>())`
      delete from salesforce_webhook_events where position <= 4`)
    const reader = await read({ 'last-event-id': '2' })
    await expect.poll(() => reader.positions()).toEqual([5, 6])
    expect(reader.messages[0]).toMatchObject({ event: 'reset', id: '4' })
    const whole = await read({ 'last-event-id': '4' })
    await expect.poll(() => whole.positions()).toEqual([5, 6])
    expect(whole.messages.some(({ event }) => event === 'reset')).toBe(false)
  })

  test('yet is told, and it goes on with what is new', async () => {
    await process(2)
    const reader = await read({ 'last-event-id': '900' })
    await process(1)
    await expect.poll(() => reader.positions()).toEqual([3])
    expect(reader.messages[0]).toMatchObject({ event: 'reset', id: '2' })
  })

  test('at all is refused', async () => {
    const answer = await fetch(`${api.url}/v1/events/stream`, {
      headers: { 'last-event-id': 'x' },
    })
    expect((await problemOf(answer)).code).toBe('invalid_request')
  })
})

test('readers are bounded, and a place is free again when one leaves', async () => {
  const [first] = [await read(), await read(), await read()]
  const refused = await fetch(`${api.url}/v1/events/stream`)
  expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'too_many_streams' })
  first.close()
  await expect
    .poll(async () => {
      const answer = await fetch(`${api.url}/v1/events/stream`)
      await answer.body?.cancel()
      return answer.status
    })
    .toBe(200)
})

test('a reader that takes nothing is dropped, and does not hold up the others', async () => {
  const slow = await fetch(`${api.url}/v1/events/stream?after=0`)
  const reader = await read()
  // More than what lies in the buffers between the two.
  await process(1_200, 'default', 'x'.repeat(10_000))
  await expect.poll(() => reader.positions().length, { timeout: 30_000 }).toBe(1_200)
  // It reads at last, and finds the end before the events.
  let got = 0
  for await (const piece of slow.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    got += piece.split('\nid: ').length - 1
  }
  expect(got).toBeLessThan(1_200)
})

test('streams end when the process stops', async () => {
  const reader = await read()
  api.eventHub.close()
  await reader.ended
  expect((await fetch(`${api.url}/v1/events/stream`, { method: 'HEAD' })).status).toBe(200)
})
