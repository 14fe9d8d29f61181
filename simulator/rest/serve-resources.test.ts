import { request } from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator()
  client = await createTestClient(simulator.url)
})
afterAll(() => simulator.close())

const JSON_TYPE = { 'content-type': 'application/json' }

const createdSchema = z.object({ id: z.string(), success: z.literal(true), errors: z.tuple([]) })

async function create(object: string, fields: object): Promise<string> {
  const answer = await client.call('POST', `/sobjects/${object}`, fields)
  expect(answer.status).toBe(201)
  return createdSchema.parse(await answer.json()).id
}

/** Status and body of a call. */
async function answerOf(call: Promise<Response>): Promise<[status: number, body: unknown]> {
  const answer = await call
  const text = await answer.text()
  return [answer.status, text === '' ? null : JSON.parse(text)]
}

describe('ways to call', () => {
  test('a method that a resource lacks', async () => {
    expect(await answerOf(client.call('PUT', '/sobjects/Account', {}))).toEqual([
      405,
      [
        {
          errorCode: 'METHOD_NOT_ALLOWED',
          message: "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,POST",
        },
      ],
    ])
    const id = await create('Account', { Name: 'x' })
    expect((await client.call('POST', `/sobjects/Account/${id}`, { Name: 'y' })).status).toBe(405)
  })

  test('HEAD, and POST that stands for PATCH', async () => {
    const id = await create('Account', { Name: 'x' })
    const head = await client.call('HEAD', `/sobjects/Account/${id}`)
    expect([head.status, await head.text()]).toEqual([200, ''])
    const path = `/sobjects/Account/${id}?_HttpMethod=PATCH`
    expect((await client.call('POST', path, { Name: 'Patched' })).status).toBe(204)
    expect(await client.json('GET', `/sobjects/Account/${id}`)).toMatchObject({ Name: 'Patched' })
    expect(await client.admin('GET', '/calls?limit=3')).toMatchObject({
      calls: [{ name: 'record.get' }, { name: 'record.update' }, { name: 'record.get' }],
    })
  })

  test.each([
    '/Tabs/',
    '/THEME',
    '/sobjects/account/ListViews//',
    '/Sobjects/account/Describe/CompactLayouts',
    '/sobjects/account/describe/compactlayouts',
    '/sobjects/account/describe/approvallayouts/',
    '/sobjects/User/describe/namedLayouts/useralt',
    '/sobjects/User/describe/NamedLayouts/UserAlt',
  ])('words in any case, with more slashes than needed: %s', async (path) => {
    expect((await client.call('GET', path)).status).toBe(200)
  })

  test('compressed both ways', async () => {
    const made = await fetch(`${simulator.url}/services/data/v64.0/sobjects/Account`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${client.token}`,
        'content-encoding': 'gzip',
        ...JSON_TYPE,
      },
      body: gzipSync('{"Name":"Zipped"}'),
    })
    expect(made.status).toBe(201)
    const raw = await rawGet('/sobjects/Account/describe', { 'accept-encoding': 'gzip' })
    expect(raw.headers['content-encoding']).toBe('gzip')
    expect(JSON.parse(gunzipSync(raw.body).toString())).toMatchObject({ name: 'Account' })
    for (const none of [{}, { 'accept-encoding': 'identity, gzip;q=0' }]) {
      const plain = await rawGet('/sobjects/Account/describe', none)
      expect(plain.headers['content-encoding']).toBeUndefined()
    }
  })

  test('indented where the caller wants to read', async () => {
    const answer = await client.call('GET', '/composite', undefined, { 'x-prettyprint': '1' })
    expect(await answer.text()).toMatch(/^\{\n {2}"batch": /)
  })
})

/** `fetch` decompresses by itself: this does not. */
async function rawGet(path: string, headers: Record<string, string>) {
  return new Promise<{ headers: NodeJS.Dict<string | string[]>; body: Buffer }>(
    (resolve, reject) => {
      const url = `${simulator.url}/services/data/v64.0${path}`
      request(
        url,
        { headers: { authorization: `Bearer ${client.token}`, ...headers } },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(chunks) }))
        },
      )
        .on('error', reject)
        .end()
    },
  )
}
