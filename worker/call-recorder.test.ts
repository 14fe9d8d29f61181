import { afterEach, expect, test, vi } from 'vitest'
import type { WorkspaceDatabase } from '../db/workspace-database.ts'
import { createCallRecorder } from './call-recorder.ts'

const owner = { connectionId: 'conn_1', workspaceId: 'default' }
const answer = {
  method: 'GET',
  path: '/services/data/v66.0/limits',
  httpStatus: 200,
  durationMs: 3,
  apiUsage: null,
}

afterEach(() => vi.useRealTimers())

/** A database whose transactions end when the test says so. */
function heldDatabase() {
  const begun: { end(): void; fail(): void }[] = []
  const own = {
    transaction: () =>
      new Promise<void>((resolve, reject) => {
        begun.push({ end: resolve, fail: () => reject(new Error('the database is away')) })
      }),
  } as unknown as WorkspaceDatabase // Only `transaction` is asked for.
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  return { own, begun, logger }
}

test('one write at a time, whatever the number of calls', async () => {
  const { own, begun, logger } = heldDatabase()
  const recorder = createCallRecorder({ owner, own, logger })
  for (let call = 0; call < 100; call += 1) recorder.record(answer)
  expect(begun).toHaveLength(1)
  begun[0]?.end()
  await vi.waitFor(() => expect(begun).toHaveLength(2))
  begun[1]?.end()
  await recorder.close()
  expect(begun).toHaveLength(2)
})

test('what could not be written is kept, tried again, and given up in the end', async () => {
  vi.useFakeTimers()
  const { own, begun, logger } = heldDatabase()
  const recorder = createCallRecorder({ owner, own, logger, retryMs: 1_000 })
  recorder.record(answer)
  begun[0]?.fail()
  await vi.advanceTimersByTimeAsync(999)
  recorder.record(answer)
  expect(begun).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  for (let write = 1; write <= 20; write += 1) {
    expect(begun).toHaveLength(write + 1)
    begun[write]?.fail()
    await vi.advanceTimersByTimeAsync(64_000)
  }
  expect(logger.error).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ ...owner, calls: 2, errors: 0 }),
    'calls of Salesforce were not counted',
  )
  expect(begun).toHaveLength(21)
})

test('closing tries once more, and says what is lost', async () => {
  const { own, begun, logger } = heldDatabase()
  const recorder = createCallRecorder({ owner, own, logger })
  recorder.record({ ...answer, httpStatus: 500 })
  begun[0]?.fail()
  await vi.waitFor(() => expect(logger.warn).toHaveBeenCalled())
  const closing = recorder.close()
  await vi.waitFor(() => expect(begun).toHaveLength(2))
  begun[1]?.fail()
  await closing
  expect(logger.error).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ calls: 1, errors: 1 }),
    'calls of Salesforce were not counted',
  )
})

/** A database that keeps what it is told, in the order of its parameters. */
function keepingDatabase() {
  const written: unknown[][] = []
  const own = {
    transaction: async (work: (transaction: unknown) => Promise<void>) => {
      const query = async ({ sql, values }: { sql: string; values: unknown[] }) => {
        if (sql.includes('into api_call_counters')) written.push(values)
        return { rows: [], rowCount: 0 }
      }
      await work({ query, maybeOne: query, any: query })
    },
  } as unknown as WorkspaceDatabase // Only `transaction` and `query` are asked for.
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  return { own, written, logger }
}

test('times are counted by buckets, and calls that nothing answered as errors', async () => {
  const { own, written, logger } = keepingDatabase()
  const recorder = createCallRecorder({ owner, own, logger })
  recorder.recordUnanswered()
  await vi.waitFor(() => expect(written).toHaveLength(1))
  recorder.record({ ...answer, durationMs: 75 })
  await recorder.close()
  // Connection, workspace, calls, errors, answers, milliseconds, buckets, bytes.
  expect(written[0]?.slice(2, 6)).toEqual([0, 1, 0, 0])
  expect(written[1]?.slice(2, 6)).toEqual([1, 0, 1, 75])
  expect(written[1]?.[6]).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
})

test('bytes go with the next call, and are not kept back for ever', async () => {
  vi.useFakeTimers()
  const { own, written, logger } = keepingDatabase()
  const recorder = createCallRecorder({ owner, own, logger })
  recorder.recordBytes(100)
  recorder.recordBytes(11)
  await vi.advanceTimersByTimeAsync(100)
  expect(written).toHaveLength(0)
  recorder.record(answer)
  await vi.advanceTimersByTimeAsync(0)
  expect(written.map((values) => values[7])).toEqual([111])
  recorder.recordBytes(5)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(written.map((values) => values[7])).toEqual([111, 5])
  recorder.recordBytes(3)
  await recorder.close()
  expect(written.map((values) => values[7])).toEqual([111, 5, 3])
})
