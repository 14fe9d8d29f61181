import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'

const REQUEST = new URLSearchParams({
  client_id: 'PlatformCLI',
  redirect_uri: 'http://localhost:1717/OauthRedirect',
  response_type: 'code',
})

const errors: unknown[] = []
let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ onError: (error) => errors.push(error) })
})
afterAll(() => simulator.close())

/** Sends the beginning of a body, and goes away once the org has it in hand. */
async function breakOff(path: string, type: string): Promise<void> {
  const socket = connect(simulator.port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => undefined)
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n`,
  )
  // The org says that it goes on to read: the handler runs.
  await new Promise((resolve) => socket.once('data', resolve))
  socket.write('{"a":')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.destroy()
  await closed
}

test('a caller that goes away in the middle of a body is no error of the org', async () => {
  const form = 'application/x-www-form-urlencoded'
  await breakOff('/services/oauth2/token', form)
  await breakOff('/services/oauth2/introspect', form)
  await breakOff(`/setup/secur/RemoteAccessAuthorizationPage.apexp?${REQUEST}`, form)
  await breakOff('/__simulator/faults', 'application/json')
  await breakOff('/__simulator/rules', 'application/json')
  await breakOff('/page/faults', form)
  await breakOff('/page/settings', 'multipart/form-data; boundary=x')
  await fetch(`${simulator.url}/__simulator/faults`, {
    method: 'POST',
    body: JSON.stringify({ action: { type: 'status' } }),
  })
  await breakOff('/services/data/v64.0/sobjects/Account', 'application/json')
  // A connection that is made later is served later: the org has seen the ends of the others.
  for (let call = 0; call < 3; call += 1) {
    const answer = await fetch(`${simulator.url}/services/data`, {
      headers: { connection: 'close' },
    })
    expect(answer.status).toBe(200)
  }
  expect(errors).toEqual([])
})
