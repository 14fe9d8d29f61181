import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { sql } from 'slonik'
import { expect, test } from 'vitest'
import { row } from '../../db/row-type.ts'
import { startTestApi, type TestApi } from './test-api.ts'

/** A request that is under way until `finish` sends the rest of its body. */
async function startUpload(api: TestApi) {
  const call = request({
    ...{ port: api.port, host: '127.0.0.1', method: 'POST' },
    path: '/v1/bulk-jobs?object=Account&operation=insert',
    headers: { 'content-type': 'text/csv', 'transfer-encoding': 'chunked' },
  })
  const answered = once(call, 'response').then(([answer]) => answer as IncomingMessage)
  call.write('Name\nAcme\n')
  // Its job is there once the upload has begun.
  const jobs = () =>
    api.pool.oneFirst(sql.type(row<{ count: number }>())`select count(*) from salesforce_bulk_jobs`)
  await expect.poll(jobs, { timeout: 10_000 }).toBe(1)
  return { answered, finish: () => void call.end('Bolt\n'), call }
}

test('while it drains it still answers, says so, and closes connections after their answer', async () => {
  const api = await startTestApi()
  const agent = new Agent({ keepAlive: true })
  const ask = async (path: string) => {
    const call = request({ port: api.port, host: '127.0.0.1', path, agent }).end()
    const [answer]: IncomingMessage[] = await once(call, 'response')
    if (answer === undefined) throw new Error('Expected an answer.')
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: Buffer.concat(chunks).toString(),
    }
  }
  expect((await ask('/readyz')).headers.connection).toBe('keep-alive')
  api.drain.begin()
  const draining = await ask('/readyz')
  expect(draining.status).toBe(503)
  expect(JSON.parse(draining.text)).toMatchObject({ status: 'draining' })
  expect(draining.headers.connection).toBe('close')
  expect((await ask('/v1/bulk-jobs')).status).toBe(200)
  agent.destroy()
  await api.stop()
})

test('a request under way ends, idle connections are closed, new ones are not taken', async () => {
  const api = await startTestApi()
  const idle = connect(api.port, '127.0.0.1')
  await once(idle, 'connect')
  const upload = await startUpload(api)
  api.drain.begin()
  const stopped = api.stop(10_000)
  await once(idle.resume(), 'close')
  await expect(fetch(`${api.url}/livez`)).rejects.toThrow()
  upload.finish()
  const answer = await upload.answered
  expect(answer.statusCode).toBe(202)
  expect(answer.headers.connection).toBe('close')
  answer.resume()
  await stopped
})

test('what does not end within the grace is cut', async () => {
  const api = await startTestApi()
  const upload = await startUpload(api)
  upload.answered.catch(() => {})
  const cut = once(upload.call, 'error')
  const began = performance.now()
  await api.stop(300)
  expect(performance.now() - began).toBeLessThan(5_000)
  await cut
})

test('headers that drip, and connections that stand still, are cut', async () => {
  const api = await startTestApi({}, undefined, { headersMs: 300, silentMs: 600 })
  // A socket that still has something to send may see a reset, which is as closed.
  const closed = (socket: Socket) =>
    new Promise((resolve) =>
      socket
        .on('error', () => {})
        .resume()
        .once('close', resolve),
    )
  const slow = connect(api.port, '127.0.0.1')
  slow.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n')
  const drip = setInterval(() => slow.write('X-Drip: x\r\n'), 50)
  await closed(slow)
  clearInterval(drip)
  const silent = connect(api.port, '127.0.0.1')
  await closed(silent)
  await api.stop()
})
