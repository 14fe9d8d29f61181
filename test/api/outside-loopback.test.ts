import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { addApiKey } from '../tenancy/add-api-key.ts'

const SECRETS = {
  SALESFORCE_WEBHOOK_SECRET: 'a secret of the test',
  SALESFORCE_TOKEN_ENCRYPTION_KEY: 'a key of the test that is long enough to be one',
}

let conveyor: TestConveyor
beforeAll(async () => {
  conveyor = await startTestConveyor()
})
afterAll(() => conveyor.stop())

test('without its secrets the API does not start where others reach it', async () => {
  const started = conveyor.startApi({ HOST: '0.0.0.0' })
  await expect(started).rejects.toThrow(/SALESFORCE_WEBHOOK_SECRET: is not set/)
  await expect(started).rejects.toThrow(/SALESFORCE_TOKEN_ENCRYPTION_KEY: is not set/)
  const open = conveyor.startApi({ HOST: '0.0.0.0', ...SECRETS, CONVEYOR_REQUIRE_KEYS: 'false' })
  await expect(open).rejects.toThrow(/CONVEYOR_REQUIRE_KEYS: must not be false/)
})

test('with them it asks for keys, says how to make the first, and drains before it stops', async () => {
  const { url, child } = await conveyor.startApi({
    ...{ HOST: '0.0.0.0', CONVEYOR_DRAIN_DELAY: '2', CONVEYOR_ALLOW_PRIVATE_ADDRESSES: 'true' },
    ...SECRETS,
  })
  await expect.poll(() => child.output()).toContain('keys create --name first --role admin')
  await expect.poll(() => child.output()).toContain('DEVELOPMENT ONLY')
  const statusOf = async (headers: Readonly<Record<string, string>>) =>
    (await fetch(`${url}/v1/bulk-jobs`, { headers })).status
  expect(await statusOf({})).toBe(401)
  expect(await statusOf({ authorization: 'Bearer guessed' })).toBe(401)
  const key = await addApiKey(conveyor.pool, { role: 'viewer' })
  expect(await statusOf({ authorization: `Bearer ${key}` })).toBe(200)
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
    status: 'ready',
    checks: { postgres: 'up', temporal: 'up', migrations: 'current' },
  })

  const stopped = child.stop()
  await expect
    .poll(async () => (await fetch(`${url}/readyz`)).json(), { interval: 20, timeout: 2_000 })
    .toMatchObject({ status: 'draining' })
  await stopped
  expect(await child.exited).toBe('exit code 0')
  expect(child.output()).not.toContain(key)
})

test('behind a proxy of the same machine it answers to the public name, with cookies for TLS alone', async () => {
  const { url, child } = await conveyor.startApi({
    ...{ HOST: '127.0.0.1', CONVEYOR_TRUSTED_PROXIES: '1' },
    ...SECRETS,
  })
  const key = await addApiKey(conveyor.pool, { role: 'viewer' })
  const ask = (method: string, path: string) =>
    new Promise<{ status: number; cookie: string }>((resolve, reject) => {
      const headers = {
        host: 'conveyor.example.com',
        'x-forwarded-for': '203.0.113.1',
        'x-forwarded-proto': 'https',
        authorization: `Bearer ${key}`,
      }
      const call = request(`${url}${path}`, { method, headers }, (answer) => {
        answer.resume()
        const [cookie = ''] = answer.headers['set-cookie'] ?? []
        resolve({ status: answer.statusCode ?? 0, cookie })
      })
      call.on('error', reject).end()
    })
  expect((await ask('GET', '/v1/bulk-jobs')).status).toBe(200)
  const { status, cookie } = await ask('POST', '/v1/session')
  expect(status).toBe(201)
  expect(cookie).toMatch(/^__Host-conveyor_session=.*; Secure/)
  await child.stop()
})
