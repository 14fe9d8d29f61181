import { once } from 'node:events'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { Agent } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countBytes } from './count-bytes.ts'

/** Answers with as many bytes as its path says, and breaks off where it says so. */
const server = createServer((request, response) => {
  const [, size = '0', breaks] = (request.url ?? '').split('/')
  request.resume().on('end', () => {
    if (breaks === undefined) {
      response.end('x'.repeat(Number(size)))
      return
    }
    response.writeHead(200, { 'content-length': String(Number(size) * 2) })
    response.write('x'.repeat(Number(size)), () => setTimeout(() => response.destroy(), 50))
  })
})
let origin: string
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')
  origin = `http://127.0.0.1:${address.port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function call(path: string, body: string | Readable | null) {
  const told: number[] = []
  const agent = new Agent()
  const dispatcher = countBytes(agent, (bytes) => told.push(bytes))
  try {
    const method = body === null ? 'GET' : 'POST'
    const answer = await dispatcher.request({ origin, path, method, body })
    const text = await answer.body.text().catch(() => null)
    return { told, status: answer.statusCode, text }
  } finally {
    await agent.destroy()
  }
}

test('counts both bodies once, when the call is over', async () => {
  expect(await call('/70000', 'é'.repeat(500))).toMatchObject({
    ...{ told: [71_000], status: 200, text: 'x'.repeat(70_000) },
  })
  const streamed = Readable.from([Buffer.alloc(300), Buffer.alloc(200)])
  expect((await call('/10', streamed)).told).toEqual([510])
  expect((await call('/0', null)).told).toEqual([])
})

test('counts what came of an answer that broke off', async () => {
  const { told, text } = await call('/1000/breaks', null)
  expect(text).toBeNull()
  expect(told).toEqual([1_000])
})
