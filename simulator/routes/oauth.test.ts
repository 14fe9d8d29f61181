import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient } from '../testing/test-client.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ refreshToken: 'first' })
})
afterAll(() => simulator.close())

async function token(form: Record<string, string>) {
  const response = await fetch(`${simulator.url}/services/oauth2/token/`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'simulator-client', ...form }),
  })
  // The shape is asserted by each test.
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

describe('the token endpoint', () => {
  test('answers client credentials with a session and no end of it', async () => {
    const { status, body } = await token({
      grant_type: 'client_credentials',
      client_secret: 'simulator-secret',
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      access_token: expect.stringMatching(/^00D\w{12}!/),
      instance_url: simulator.url,
      token_type: 'Bearer',
      issued_at: expect.stringMatching(/^\d{13}$/),
    })
    expect(body).not.toHaveProperty('expires_in')
  })

  test.each([
    [{ grant_type: 'client_credentials', client_secret: 'x' }, 'invalid_client'],
    [{ grant_type: 'client_credentials', client_id: 'x' }, 'invalid_client_id'],
    [{ grant_type: 'magic' }, 'unsupported_grant_type'],
    [{ grant_type: 'refresh_token', refresh_token: 'x' }, 'invalid_grant'],
  ])('refuses %o with %s', async (form, error) => {
    expect(await token(form)).toMatchObject({ status: 400, body: { error } })
  })

  test.each([
    [400, 'invalid_grant', 'authentication failure'],
    [503, 'temporarily_unavailable', 'try later'],
  ])('answers a fault of status %i in its own form', async (status, errorCode, message) => {
    const client = await createTestClient(simulator.url)
    await client.admin('POST', '/faults', {
      match: { call: 'token' },
      action: { type: 'status', status, errorCode, message },
    })
    const form = { grant_type: 'client_credentials', client_secret: 'simulator-secret' }
    expect(await token(form)).toEqual({
      status,
      body: { error: errorCode, error_description: message },
    })
    expect((await token(form)).status).toBe(200)
  })
})

describe('what needs no session and how describe is cached', () => {
  test('the list of versions', async () => {
    const response = await fetch(`${simulator.url}/SERVICES/data/`)
    expect(await response.json()).toContainEqual({
      label: "Summer '26",
      url: '/services/data/v67.0',
      version: '67.0',
    })
  })

  test('describe answers 304 to a caller who knows it', async () => {
    const client = await createTestClient(simulator.url)
    const first = await client.call('GET', '/sobjects/account/Describe/')
    const modified = first.headers.get('last-modified') ?? ''
    const again = await client.call('GET', '/sobjects/Account/describe', undefined, {
      'if-modified-since': modified,
    })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    const older = await client.call('GET', '/sobjects/Account/describe', undefined, {
      'if-modified-since': 'Sat, 01 Jan 2000 00:00:00 GMT',
    })
    expect(older.status).toBe(200)
  })

  test('a version that is not served', async () => {
    const client = await createTestClient(simulator.url)
    expect((await client.call('GET', '/services/data/v20.0/sobjects')).status).toBe(404)
  })
})
