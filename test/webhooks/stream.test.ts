import { sql } from 'slonik'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { EventSchema } from '../../contracts/http/webhook-events.ts'
import { row } from '../../db/row-type.ts'
import { problemOf, startTestApi, type TestApi } from '../api/test-api.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'

/** Readers of the workspace at once. */
const PLACES = 3

let api: TestApi
let readers: Reader[]
beforeEach(() => {
  readers = []
})
afterEach(() => {
  for (const reader of readers) reader.close()
})

function startApi(mostOfWorkspace: number): Promise<TestApi> {
  return startTestApi({
    streams: {
      ...{ mostOfWorkspace, mostOfProcess: 1_000, bufferBytes: 20_000 },
      ...{ heartbeatMs: 100, patienceMs: 200, lifeMs: 60_000 },
    },
  })
}

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

/** As the pump does at the end of a batch: events and position are seen together. Gives the positions. */
async function process(
  count: number,
  { workspaceId = 'default', changedField = 'Name' } = {},
): Promise<number[]> {
  const made = await api.pool.anyFirst(sql.type(row<{ position: number }>())`
    with reached as (
      insert into webhook_positions as p (workspace_id, last_position) values (${workspaceId}, ${count})
      on conflict (workspace_id) do update set last_position = p.last_position + ${count}
      returning last_position)
    insert into salesforce_webhook_events (event_id, workspace_id, source, event_type, object_type, object_id,
      change_type, changed_fields, payload, occurred_at, processed, processed_at, position)
    select 'evt_' || gen_random_uuid(), ${workspaceId}, 'webhook', 'Account.updated', 'Account', '1', 'updated',
      jsonb_build_array(${changedField}::text), '{}', now(), true, now(), last_position - ${count} + n
    from reached, generate_series(1, ${count}) n
    returning position`)
  return made.toSorted((a, b) => a - b)
}

/** Whether there is room for one more reader. */
async function isFree(): Promise<boolean> {
  const answer = await fetch(`${api.url}/v1/events/stream`)
  await answer.body?.cancel()
  return answer.status === 200
}

describe('readers', () => {
  beforeAll(async () => {
    api = await startApi(1_000)
  })
  afterAll(() => api.stop())

  test('get what is new, in order, once, and nothing of others', async () => {
    await addWorkspace(api.pool, 'other')
    await process(3)
    const reader = await read()
    await process(2, { workspaceId: 'other' })
    const made = await process(4)
    api.eventHub.hint('default')
    await expect.poll(() => reader.positions()).toEqual(made)
    const [first] = reader.messages
    expect(EventSchema.parse(JSON.parse(first?.data ?? ''))).toMatchObject({
      ...{ position: made[0], event_type: 'Account.updated', state: 'processed' },
    })
    await expect.poll(() => reader.comments.length).toBeGreaterThan(0)
  })

  test('find what is new by looking, without a hint', async () => {
    const reader = await read()
    const made = await process(1)
    await expect.poll(() => reader.positions()).toEqual(made)
  })

  test('that come back go on where they left off, while more arrives', async () => {
    const made = await process(450)
    const reader = await read({ 'last-event-id': String(made[16]) })
    made.push(...(await process(30)))
    await expect.poll(() => reader.positions().length).toBe(463)
    expect(reader.positions()).toEqual(made.slice(17))
    const byQuery = await read({}, `?after=${made[469]}`)
    await expect.poll(() => byQuery.positions()).toEqual(made.slice(470))
  })

  describe('a position that is not there', () => {
    test('any more is told, and it goes on with the oldest', async () => {
      const [, second, , fourth = 0, ...left] = await process(6)
      await api.pool.query(sql.type(row<never>())`
        delete from salesforce_webhook_events where position <= ${fourth}`)
      const reader = await read({ 'last-event-id': String(second) })
      await expect.poll(() => reader.positions()).toEqual(left)
      expect(reader.messages[0]).toMatchObject({ event: 'reset', id: String(fourth) })
      const whole = await read({ 'last-event-id': String(fourth) })
      await expect.poll(() => whole.positions()).toEqual(left)
      expect(whole.messages.some(({ event }) => event === 'reset')).toBe(false)
    })

    test('yet is told, and it goes on with what is new', async () => {
      const [last = 0] = await process(1)
      const reader = await read({ 'last-event-id': String(last + 900) })
      const made = await process(1)
      await expect.poll(() => reader.positions()).toEqual(made)
      expect(reader.messages[0]).toMatchObject({ event: 'reset', id: String(last) })
    })

    test('at all is refused', async () => {
      const answer = await fetch(`${api.url}/v1/events/stream`, {
        headers: { 'last-event-id': 'x' },
      })
      expect((await problemOf(answer)).code).toBe('invalid_request')
    })
  })

  test('find an end when the process stops', async () => {
    const reader = await read()
    api.eventHub.close()
    await reader.ended
    expect((await fetch(`${api.url}/v1/events/stream`, { method: 'HEAD' })).status).toBe(200)
  })
})

describe('readers are bounded', () => {
  beforeEach(async () => {
    api = await startApi(PLACES)
  })
  afterEach(() => api.stop())

  test('and a place is free again when one leaves', async () => {
    const [first] = [await read(), await read(), await read()]
    const refused = await fetch(`${api.url}/v1/events/stream`)
    expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'too_many_streams' })
    first.close()
    await expect.poll(isFree).toBe(true)
  })

  test('and one that takes nothing is dropped, and does not hold up the others', async () => {
    const slow = await fetch(`${api.url}/v1/events/stream?after=0`)
    const others = [await read(), await read()]
    expect(await isFree()).toBe(false)
    // More than what lies in the buffers between the two.
    const made = await process(1_200, { changedField: 'x'.repeat(10_000) })
    for (const reader of others) {
      await expect.poll(() => reader.positions().length, { timeout: 60_000 }).toBe(made.length)
    }
    await expect.poll(isFree).toBe(true)
    // It reads at last, and finds the end before the events.
    const text = await slow.text()
    const got = text.match(/^id: /gm)?.length ?? 0
    expect(got).toBeGreaterThan(0)
    expect(got).toBeLessThan(made.length)
  })
})
