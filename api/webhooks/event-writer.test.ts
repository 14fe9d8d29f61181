import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createEventWriter, type WriterBounds } from './event-writer.ts'
import type { Intake } from './store-intakes.ts'

const BOUNDS: WriterBounds = {
  ...{ waiting: 10, workspaceBytes: 10_000, processBytes: 15_000 },
  ...{ groupEvents: 100, groupBytes: 5_000, patienceMs: 60_000 },
}

interface Group {
  readonly names: readonly string[]
  readonly end: (error?: Error) => void
}

/** A writer whose transactions end when they are told to. */
function startWriter(bounds: Partial<WriterBounds> = {}) {
  const groups: Group[] = []
  const writer = createEventWriter(
    {
      logger: pino({ enabled: false }),
      store: (_workspaceId, intakes) =>
        new Promise((resolve, reject) => {
          groups.push({
            names: intakes.map(({ connectionId }) => connectionId),
            end: (error) => (error ? reject(error) : resolve(new Set(intakes.keys()))),
          })
        }),
    },
    { ...BOUNDS, ...bounds },
  )
  const begun = (count: number) => expect.poll(() => groups.length).toBe(count)
  return { writer, groups, begun }
}

/** One event, of so many bytes, which its connection names. */
function intake(connectionId: string, bytes = 600): Intake {
  const source = 'webhook' as const
  const event = {
    ...{ eventId: 'evt', workspaceId: 'w', connectionId, source, objectType: 'A' },
    ...{ objectId: '1', changeType: 'updated', changedFields: [], eventType: 'A.updated' },
    ...{ payload: 'x'.repeat(bytes - 500), sealedPayload: null, occurredAt: new Date() },
    ...{ requestId: null, shard: 0 },
  }
  return { connectionId, keys: { signed: null, named: null }, events: [event] }
}

/** A group gives its room back in the same turn in which it answers, behind that. */
const roomIsFree = () => setImmediate()

const REFUSED = { code: 'service_unavailable', headers: { 'retry-after': '2' } }

test('more bytes than a workspace may have are sent away, until others are written', async () => {
  const { writer, groups, begun } = startWriter()
  const first = writer.write('w', [intake('a', 9_000)])
  await expect(writer.write('w', [intake('b', 2_000)])).rejects.toMatchObject(REFUSED)
  const small = writer.write('w', [intake('c', 600)])
  await begun(2)
  // Being written takes as much room as waiting.
  await expect(writer.write('w', [intake('b', 2_000)])).rejects.toMatchObject(REFUSED)
  groups[0]?.end()
  expect(await first).toEqual([true])
  await roomIsFree()
  const again = writer.write('w', [intake('b', 2_000)])
  await begun(3)
  groups[1]?.end()
  groups[2]?.end()
  expect([await small, await again]).toEqual([[true], [true]])
})

test('nor more than the process may have, whosever they are', async () => {
  const { writer, groups, begun } = startWriter()
  const held = ['v', 'w'].map((workspaceId) => writer.write(workspaceId, [intake('a', 7_000)]))
  await expect(writer.write('x', [intake('a', 2_000)])).rejects.toMatchObject(REFUSED)
  await begun(2)
  for (const { end } of groups) end()
  await Promise.all(held)
  await roomIsFree()
  const again = writer.write('x', [intake('a', 2_000)])
  await begun(3)
  groups[2]?.end()
  expect(await again).toEqual([true])
})

test('what alone is more than all that is taken where nothing else is there', async () => {
  const { writer, groups, begun } = startWriter()
  const large = writer.write('w', [intake('a', 100_000)])
  await begun(1)
  groups[0]?.end()
  expect(await large).toEqual([true])
})

test('a group has a limit of bytes', async () => {
  const { writer, groups, begun } = startWriter()
  const first = writer.write('w', [intake('a')])
  const others = ['b', 'c', 'd'].map((name) => writer.write('w', [intake(name, 2_500)]))
  await begun(2)
  groups[0]?.end()
  await first
  await begun(3)
  expect(groups.map(({ names }) => names)).toEqual([['a'], ['b', 'c'], ['d']])
  groups[1]?.end()
  groups[2]?.end()
  await Promise.all(others)
})

test('who has waited for too long is not written any more, and frees its room', async () => {
  const { writer, groups, begun } = startWriter({ patienceMs: 200 })
  const busy = ['a', 'b'].map((name) => writer.write('w', [intake(name, 4_000)]))
  await begun(2)
  // The first two are being written as their time ends: what comes again is a duplicate of them.
  const outcomes = await Promise.allSettled([...busy, writer.write('w', [intake('late', 1_900)])])
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: REFUSED })
  }
  const next = writer.write('w', [intake('next', 1_900)])
  for (const { end } of groups) end()
  await begun(3)
  expect(groups[2]?.names).toEqual(['next'])
  groups[2]?.end()
  expect(await next).toEqual([true])
})

test('nor is it where a group that was refused is written one by one', async () => {
  const { writer, groups, begun } = startWriter({ patienceMs: 200 })
  const first = writer.write('w', [intake('a')])
  const others = ['b', 'c'].map((name) => writer.write('w', [intake(name)]))
  const left = Promise.allSettled([first, ...others])
  await begun(2)
  expect(groups[1]?.names).toEqual(['b', 'c'])
  for (const each of await left) expect(each.status).toBe('rejected')
  groups[1]?.end(new Error('One of them is at fault.'))
  await sleep(50)
  expect(groups).toHaveLength(2)
})
