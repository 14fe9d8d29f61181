import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())
beforeEach(async () => {
  await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
  client = await createTestClient(simulator.url)
})

const get = (path: string): Promise<Response> => fetch(simulator.url + path)
const text = async (path: string): Promise<string> => (await get(path)).text()

/** Sends a form as a browser does from the page itself. */
function post(
  path: string,
  form: Record<string, string> = {},
  headers: Record<string, string> = {},
) {
  return fetch(simulator.url + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: simulator.url, 'sec-fetch-site': 'same-origin', ...headers },
    body: new URLSearchParams(form),
  })
}

async function create(object: string, values: object): Promise<string> {
  const answer = await client.json('POST', `/sobjects/${object}`, values)
  return z.object({ id: z.string() }).parse(answer).id
}

const EVIL = `<script>alert("1")</script>'&`
const ESCAPED = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;'

describe('looking', () => {
  test('every page answers, runs no script and loads nothing', async () => {
    const paths = ['', 'jobs', 'calls', 'faults', 'pushes', 'pushes/new', 'sessions', 'settings']
    for (const path of paths) {
      const answer = await get(path === '' ? '/' : `/page/${path}`)
      expect([path, answer.status]).toEqual([path, 200])
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
      const page = await answer.text()
      expect(page).not.toContain('<script')
      expect(page).not.toMatch(/(?:src|href|action)="(?:https?:)?\/\//)
    }
  })

  test('a page comes again by itself only where that was asked for, and none with a form of fields', async () => {
    expect(await text('/page/jobs')).not.toContain('http-equiv="refresh"')
    expect(await text('/page/jobs?refresh')).toContain('http-equiv="refresh"')
    for (const path of ['faults', 'settings', 'pushes/new', 'calls?name=token']) {
      const query = path.includes('?') ? '&refresh' : '?refresh'
      expect(await text(`/page/${path}${query}`)).not.toContain('http-equiv="refresh"')
    }
  })

  test('records in pages, a record with its parents and children, all escaped', async () => {
    const account = await create('Account', { Name: EVIL })
    const contact = await create('Contact', { LastName: EVIL, AccountId: account })
    expect(await text('/')).toContain('<a href="/page/objects/Account">')
    const list = await text('/page/objects/account')
    expect(list).toContain(ESCAPED)
    expect(list).not.toContain('<script')
    expect(list).toContain(`href="/page/records/${account}"`)
    const record = await text(`/page/records/${account.slice(0, 15)}`)
    expect(record).toContain(ESCAPED)
    expect(record).not.toContain('<script')
    expect(record).toContain(`href="/page/records/${contact}"`)
    expect(await text(`/page/records/${contact}`)).toContain(`href="/page/records/${account}"`)
  })

  test('pages of a list do not overlap and leave nothing out', async () => {
    const csv = `Name\n${Array.from({ length: 120 }, (_, index) => `Row ${index}`).join('\n')}\n`
    await client.run({ object: 'Lead', operation: 'insert' }, csv.replace('Name', 'LastName'))
    await client.run({ object: 'Account', operation: 'insert' }, csv)
    const seen: string[] = []
    let next: string | undefined = '/page/objects/Account'
    while (next !== undefined) {
      const page: string = await text(next)
      seen.push(...[...page.matchAll(/records\/(001\w{15})"/g)].map(([, id = '']) => id))
      next = /href="(\/page\/objects\/Account\?after=\d+)"/.exec(page)?.[1]
    }
    expect(seen).toHaveLength(120)
    expect(new Set(seen).size).toBe(120)
  })

  test.each(['/page/objects/Nothing', '/page/records/nothing', '/page/records/001000000000000AAA'])(
    '%s is not there',
    async (path) => {
      expect((await get(path)).status).toBe(404)
    },
  )

  test('calls are escaped, and found by name and status', async () => {
    await client.call('GET', `/query?q=${EVIL}`)
    await client.call('GET', '/limits')
    const page = await text('/page/calls')
    expect(page).not.toContain('<script')
    expect(page).toContain('/services/data/v64.0/limits')
    expect(await text('/page/calls?name=query&status=400')).not.toContain('v64.0/limits')
    expect(await text('/page/calls?name=%22%3E%3Cscript%3E')).not.toContain('<script')
  })
})

describe('changing', () => {
  test('a job is aborted, and aborting it twice does no harm', async () => {
    await client.admin('PATCH', '/settings', { bulkStartDelayMs: 60_000 })
    const { id } = await client.createJob({ object: 'Account', operation: 'insert' })
    expect(await text('/page/jobs')).toContain(`action="/page/jobs/${id}/abort"`)
    for (let time = 0; time < 2; time += 1) {
      const answer = await post(`/page/jobs/${id}/abort`)
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/page/jobs'])
    }
    expect((await client.info(id)).state).toBe('Aborted')
    expect(await text('/page/jobs')).not.toContain('/abort')
  })

  test('a fault is added, shown, and removed', async () => {
    const answer = await post('/page/faults', {
      type: 'status',
      parameters: '{"status": 429, "after": true}',
      call: 'limits',
      method: '',
      times: 'always',
      everyKth: '2',
    })
    expect(answer.status).toBe(303)
    const statuses: number[] = []
    for (let time = 0; time < 4; time += 1)
      statuses.push((await client.call('GET', '/limits')).status)
    expect(statuses).toEqual([200, 429, 200, 429])
    const page = await text('/page/faults')
    expect(page).toContain('call: limits')
    const remove = /action="(\/page\/faults\/[^"]+\/remove)"/.exec(page)?.[1] ?? ''
    expect((await post(remove)).status).toBe(303)
    expect(await client.admin('GET', '/faults')).toEqual({ faults: [] })
  })

  test.each([
    ['no JSON', { type: 'delay', parameters: '{ms}' }, 'no JSON object'],
    ['no object', { type: 'delay', parameters: '5' }, 'no JSON object'],
    ['a missing parameter', { type: 'delay' }, 'action.ms'],
    ['an unknown one', { type: 'cut_before', parameters: '{"a":1}' }, 'Unrecognized key'],
    ['a pattern that is none', { type: 'cut_before', path: '(' }, 'not a regular expression'],
    ['a number that is none', { type: 'cut_before', times: 'often' }, 'times'],
  ])('a fault with %s comes back with what was filled in', async (_, form, reason) => {
    const answer = await post('/page/faults', { call: EVIL, ...form })
    expect(answer.status).toBe(400)
    const page = await answer.text()
    expect(page).toContain(reason)
    expect(page).toContain(`value="${ESCAPED}"`)
    expect(page).not.toContain('<script')
    expect(await client.admin('GET', '/faults')).toEqual({ faults: [] })
  })

  test('settings are saved; what was not touched stays as it is by then', async () => {
    const page = await text('/page/settings')
    const form: Record<string, string> = {}
    for (const [, name = '', value = ''] of page.matchAll(/name="(was\.[^"]+)" value="([^"]*)"/g)) {
      form[name] = value
      form[name.slice(4)] = value
    }
    expect(form['bulkRowsPerSecond']).toBe('null')
    await client.call('GET', '/limits')
    const answer = await post('/page/settings', {
      ...form,
      bulkRowsPerSecond: '12.5',
      shuffleRows: 'false',
      outboundDeletedRecord: 'id',
    })
    expect(answer.status).toBe(303)
    expect(await client.admin('GET', '/settings')).toMatchObject({
      bulkRowsPerSecond: 12.5,
      shuffleRows: false,
      outboundDeletedRecord: 'id',
      apiUsed: 1,
    })
    const refused = await post('/page/settings', { ...form, apiMax: 'many' })
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('apiMax')
    const negative = await post('/page/settings', { ...form, apiMax: '-1' })
    expect(await negative.text()).toContain('Too small')
  })

  test('pushes are subscribed to, switched off and removed', async () => {
    const webhook = {
      url: 'http://127.0.0.1:9/',
      secret: EVIL,
      objects: 'Account, Lead',
      events: 'created',
    }
    expect(
      (await post('/page/pushes/webhook', { ...webhook, form: 'raw', encoding: 'hex' })).status,
    ).toBe(303)
    const refused = await post('/page/pushes/outbound', {
      name: 'A',
      object: 'Account',
      endpointUrl: 'http://127.0.0.1:9/',
      fields: 'Name Nothing',
      events: 'created',
    })
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('Account has no field Nothing')
    const page = await text('/page/pushes')
    expect(page).toContain('Account, Lead created')
    expect(page).not.toContain('alert')
    const n = /page\/pushes\/(\d+)\/active/.exec(page)?.[1] ?? ''
    await post(`/page/pushes/${n}/active`)
    expect(await client.admin('GET', `/webhooks/${n}`)).toMatchObject({ active: false })
    await post(`/page/pushes/${n}/remove`)
    expect(await client.admin('GET', '/webhooks')).toEqual({ subscriptions: [] })
  })

  test('all sessions are ended, and no token is shown whole', async () => {
    const page = await text('/page/sessions')
    expect(page).toContain(client.token.slice(0, 20))
    expect(page).not.toContain(client.token)
    expect((await post('/page/sessions/expire')).status).toBe(303)
    expect((await client.call('GET', '/limits')).status).toBe(401)
  })
})

describe('other sites', () => {
  test.each([
    ['another origin', { origin: 'http://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['what the browser calls cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['another port', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
  ])('%s can change nothing', async (_, headers) => {
    for (const path of [
      '/page/sessions/expire',
      '/__simulator/sessions/expire',
      '/__simulator/reset',
    ]) {
      expect((await post(path, {}, headers)).status).toBe(403)
    }
    expect((await client.call('GET', '/limits')).status).toBe(200)
  })

  test('nor a site whose name was made to lead here', async () => {
    const { port } = new URL(simulator.url)
    const host = `rebound.example:${port}`
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request(`${simulator.url}/__simulator/reset`, {
        method: 'POST',
        headers: { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' },
      })
      outgoing.once('error', reject)
      outgoing.once('response', (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      outgoing.end()
    })
    expect(status).toBe(403)
  })
})

test('a form in another encoding than the pages use is refused as one that lacks its fields', async () => {
  for (const path of ['faults', 'pushes/outbound', 'pushes/webhook']) {
    const answer = await fetch(`${simulator.url}/page/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: 'no part of x',
    })
    expect([path, answer.status]).toEqual([path, 400])
  }
})
