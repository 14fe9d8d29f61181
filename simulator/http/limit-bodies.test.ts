import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, errorSchema, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator()
  client = await createTestClient(simulator.url)
})
afterAll(() => simulator.close())

const MOST = 50 * 1_024 * 1_024

/** JSON of so many bytes: blanks may stand before a value. */
const padded = (bytes: number) => Buffer.from('{"Name":"x"}'.padStart(bytes, ' '), 'latin1')

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += 1_000_000) {
    yield bytes.subarray(from, from + 1_000_000)
  }
}

async function create(body: Buffer<ArrayBuffer> | ReadableStream, encoding = 'identity') {
  const answer = await fetch(`${simulator.url}/services/data/v64.0/sobjects/Account`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${client.token}`,
      'content-type': 'application/json',
      'content-encoding': encoding,
    },
    body,
    duplex: 'half',
  })
  if (answer.ok) return answer.status
  return errorSchema.parse(await answer.json())[0]?.errorCode
}

describe('no more than 50 MB are taken', () => {
  test('of a body whose length is known', async () => {
    expect(await create(padded(MOST / 10))).toBe(201)
    expect(await create(padded(MOST + 1))).toBe('EXCEEDED_MAX_SIZE_REQUEST')
  })

  test('of a body in pieces', async () => {
    expect(await create(ReadableStream.from(inPieces(padded(MOST + 1))))).toBe(
      'EXCEEDED_MAX_SIZE_REQUEST',
    )
  })

  test('of a compressed body', async () => {
    expect(await create(gzipSync(padded(MOST + 1)), 'gzip')).toBe('EXCEEDED_MAX_SIZE_REQUEST')
  })
})
