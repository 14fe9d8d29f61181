import { defaultPayloadConverter } from '@temporalio/common'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PayloadsSchema } from '../../contracts/http/codec.ts'
import { addApiKey } from '../tenancy/add-api-key.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'
import { postJson, problemOf, startTestApi, type TestApi } from './test-api.ts'

const UI = 'http://127.0.0.1:8233'

let api: TestApi
let admin: string
beforeAll(async () => {
  api = await startTestApi({ keysRequired: true })
  admin = await addApiKey(api.pool, { role: 'admin' })
})
afterAll(() => api.stop())

function jsonOf(value: unknown) {
  const { metadata, data } = defaultPayloadConverter.toPayload(value) ?? {}
  const text = (bytes?: Uint8Array | null) => Buffer.from(bytes ?? []).toString('base64')
  return { metadata: { encoding: text(metadata?.['encoding']) }, data: text(data) }
}

const post = (verb: string, body: unknown, headers: Record<string, string>) =>
  postJson(`${api.url}/v1/codec/${verb}`, body, headers)
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const PLAIN = { payloads: [jsonOf({ jobId: 'telling' }), jsonOf('two')] }

async function sealed() {
  const answer = await post('encode', PLAIN, bearer(admin))
  expect(answer.status).toBe(200)
  return PayloadsSchema.parse(await answer.json())
}

describe('payloads', () => {
  test('are sealed and opened, in order, beside those that are not', async () => {
    const { payloads } = await sealed()
    expect(payloads).toHaveLength(2)
    const encoding = Buffer.from('binary/conveyor-sealed').toString('base64')
    for (const payload of payloads) expect(payload.metadata).toEqual({ encoding })
    const mixed = [payloads[1], jsonOf('in clear'), payloads[0]]
    const opened = await post('decode', { payloads: mixed }, bearer(admin))
    expect(await opened.json()).toEqual({
      payloads: [jsonOf('two'), jsonOf('in clear'), jsonOf({ jobId: 'telling' })],
    })
  })

  test('none give none, and what is beside them is left alone', async () => {
    for (const body of [{}, { payloads: [] }, { payloads: [], namespace: 'x' }]) {
      const answer = await post('decode', body, bearer(admin))
      expect([answer.status, await answer.json()]).toEqual([200, { payloads: [] }])
    }
  })

  test('that were changed are named as such', async () => {
    const { payloads } = await sealed()
    const [{ metadata } = {}] = payloads
    const changed = { payloads: [{ metadata, data: Buffer.alloc(60, 2).toString('base64') }] }
    expect(await problemOf(await post('decode', changed, bearer(admin)))).toMatchObject({
      ...{ status: 400, code: 'invalid_payload' },
      detail: expect.stringContaining('does not hold'),
    })
  })

  test.each([
    [{ payloads: 'x' }, /The field payloads/],
    [{ payloads: [{ data: 'not base64!' }] }, /The field payloads.0.data/],
    [{ payloads: [{ metadata: { encoding: 7 } }] }, /The field payloads.0.metadata.encoding/],
  ])('%j is refused by its field', async (body, message) => {
    const problem = await problemOf(await post('decode', body, bearer(admin)))
    expect([problem.status, problem.detail]).toEqual([400, expect.stringMatching(message)])
  })

  test("are the installation's: an administrator of another workspace opens none", async () => {
    await addWorkspace(api.pool, 'elsewhere')
    const key = await addApiKey(api.pool, { role: 'admin', workspaceId: 'elsewhere' })
    const answer = await post('decode', await sealed(), bearer(key))
    expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'insufficient_scope' })
  })
})

describe('pages of the Temporal UI', () => {
  const preflight = (origin: string) =>
    fetch(`${api.url}/v1/codec/decode`, {
      method: 'OPTIONS',
      headers: {
        ...{ origin, 'access-control-request-method': 'POST' },
        'access-control-request-headers': 'content-type,x-namespace',
      },
    })

  test.each([UI, 'http://localhost:8233'])('may ask, and read the answer: %s', async (origin) => {
    const asked = await preflight(origin)
    expect(asked.status).toBe(204)
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': expect.stringMatching(/Content-Type, X-Namespace/),
      vary: 'Origin',
    })
    const answer = await post('decode', await sealed(), { ...bearer(admin), origin })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
      200,
      origin,
    ])
    // A page reads why it was refused, too.
    const refused = await post('decode', PLAIN, { origin })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      401,
      origin,
    ])
  })

  test('need no key of their own where the person is signed in', async () => {
    const signedIn = await fetch(`${api.url}/v1/session`, {
      method: 'POST',
      headers: bearer(admin),
    })
    const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';')
    const headers = { cookie, origin: UI, 'sec-fetch-site': 'same-site', 'x-namespace': 'default' }
    const answer = await post('decode', await sealed(), headers)
    expect(await answer.json()).toEqual(PLAIN)
    // The same page asks for anything else: by cookie, it may not.
    const other = await postJson(`${api.url}/v1/api-keys`, {}, headers)
    expect(await problemOf(other)).toMatchObject({ status: 403, code: 'origin_not_allowed' })
  })

  test.each(['http://127.0.0.1:8234', 'https://127.0.0.1:8233', 'http://evil.example', 'null'])(
    'of another origin may neither ask nor read: %s',
    async (origin) => {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull()
      const answer = await post('decode', PLAIN, { ...bearer(admin), origin })
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      expect(await problemOf(answer)).toMatchObject({ code: 'origin_not_allowed' })
    },
  )
})
