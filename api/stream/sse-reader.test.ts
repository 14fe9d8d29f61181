import { expect, test, vi } from 'vitest'
import type { LoggedEvent } from '../../db/webhook-event-log.ts'
import { createSseReader } from './sse-reader.ts'

const event: LoggedEvent = {
  ...{ eventId: 'evt_1', connectionId: null, source: 'webhook', eventType: 'Account.updated' },
  ...{ objectType: 'Account', objectId: '1', changeType: 'updated', changedFields: [] },
  ...{ createdAt: new Date(0), occurredAt: new Date(0), processedAt: new Date(0) },
  ...{ requestId: null, state: 'processed', position: 7, error: null, place: '' },
}

function readerWith(options: Partial<Parameters<typeof createSseReader>[0]> = {}) {
  const onClose = vi.fn()
  const made = createSseReader({
    ...{ position: 0, reset: null, onClose, bufferBytes: 100 },
    ...{ heartbeatMs: 60_000, patienceMs: 20, lifeMs: 60_000, ...options },
  })
  return { ...made, onClose }
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream).text()
}

test('takes events while there is room, and none beyond it', async () => {
  const { reader, stream, onClose } = readerWith()
  expect(reader.push([event])).toBe(true)
  expect(reader.position()).toBe(7)
  expect(reader.push([event])).toBe(false)
  expect(await reader.ready()).toBe(false)
  reader.end()
  expect(onClose).toHaveBeenCalledTimes(1)
  expect(reader.push([event])).toBe(false)
  expect((await textOf(stream)).match(/^id: 7$/gm)).toHaveLength(1)
})

test('has room again when it is read', async () => {
  const { reader, stream } = readerWith({ patienceMs: 5_000 })
  reader.push([event])
  const ready = reader.ready()
  const taking = stream.getReader()
  await taking.read()
  await taking.read()
  expect(await ready).toBe(true)
  reader.end()
})

test('ends after its time', async () => {
  const { reader, stream, onClose } = readerWith({ lifeMs: 10 })
  expect(await textOf(stream)).toContain('retry:')
  expect(reader.isOpen()).toBe(false)
  expect(onClose).toHaveBeenCalledTimes(1)
})

test('is closed by its caller', async () => {
  const { reader, stream, onClose } = readerWith()
  await stream.cancel()
  expect(reader.isOpen()).toBe(false)
  expect(onClose).toHaveBeenCalledTimes(1)
  reader.end()
  expect(onClose).toHaveBeenCalledTimes(1)
})
