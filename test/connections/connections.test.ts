import { generateKeyPairSync } from 'node:crypto'
import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { taskQueue } from '../../contracts/task-queues.ts'
import { exchangeAuthorizationCodeWorkflowId } from '../../contracts/workflow-ids.ts'
import { createConnectionOperationQueries } from '../../db/connection-operations.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createOauthFlowQueries } from '../../db/oauth-flows.ts'
import { row } from '../../db/row-type.ts'
import { createSalesforceOauthTokenQueries } from '../../db/salesforce-oauth-tokens.ts'
import { historyFile } from '../replay/history-file.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'
import {
  askedToConfirm,
  callJson,
  comeBackTo,
  confirm,
  decideAt,
  type JsonAnswer,
  putApp,
} from './authorize.ts'

const APP = { clientId: 'web-app', clientSecret: 'a-secret-of-the-web-app' }

let conveyor: TestConveyor
let url: string
beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: {
      SALESFORCE_TOKEN_ENCRYPTION_KEY: 'a text of at least thirty-two characters',
    },
  })
  const [api] = await Promise.all([conveyor.startApi(), conveyor.startWorker()])
  url = api.url
  const { port } = new URL(url)
  const callback = `http://localhost:${port}/api/auth/salesforce/callback`
  await putApp(conveyor.org.url, { ...APP, redirectUris: [callback], requirePkce: true })
})
afterAll(() => conveyor.stop())

const call = (method: string, path: string, body?: unknown): Promise<JsonAnswer> =>
  callJson(method, url + path, body)

async function authorize(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const wanted = { client_id: APP.clientId, client_secret: APP.clientSecret, ...more }
  const begun = await call('POST', '/v1/connections/authorize', wanted)
  expect(begun).toMatchObject({ status: 201 })
  return String(begun.body['authorization_url'])
}

/** As the user does in Salesforce, of all that the app was allowed. */
async function revokeApprovals(): Promise<void> {
  const approvalsUrl = `${conveyor.org.url}/__simulator/approvals`
  const { body } = await callJson('GET', approvalsUrl)
  // The simulator's own answer.
  const approvals = body['approvals'] as { id: number; clientId: string }[]
  for (const { id, clientId } of approvals) {
    if (clientId === APP.clientId) await callJson('DELETE', `${approvalsUrl}/${id}`)
  }
}

const comeBack = (back: URL): Promise<JsonAnswer> => comeBackTo(url, back)

describe('the web-server flow', () => {
  test('makes a connection that works, and shows no token to anybody', async () => {
    const address = new URL(await authorize({ name: 'First' }))
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'api refresh_token',
    })
    const back = await decideAt(address.toString(), 'allow')
    const token = await askedToConfirm(url, back)
    const page = await fetch(`${url}/api/auth/salesforce/callback/confirm`, {
      method: 'POST',
      body: new URLSearchParams({ token }),
    })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await page.text()).toMatch(/is connected/)

    const { body } = await call('GET', '/v1/connections')
    const [made] = body['connections'] as Record<string, unknown>[]
    expect(made).toMatchObject({
      name: 'First',
      flow: 'web_server',
      status: 'connected',
      default: false,
      scopes: expect.arrayContaining(['api', 'refresh_token']),
      username: expect.stringContaining('@'),
    })
    expect(await call('POST', `/v1/connections/${made?.['id']}/test`)).toMatchObject({
      status: 200,
      body: { status: 'connected' },
    })
    // The same user of the same org again is no second connection.
    await comeBack(await decideAt(await authorize({ name: 'Again' }), 'allow'))
    expect((await call('GET', '/v1/connections')).body['connections']).toHaveLength(2)
    expect(JSON.stringify(body)).not.toMatch(/00D\w{12}!|5Aep861/)
  })

  test('the browser that began it is connected at once, others are asked or refused', async () => {
    /** As a page of this server asks for it. */
    const beginInBrowser = async (cookie?: string) => {
      const answer = await fetch(`${url}/v1/connections/authorize`, {
        method: 'POST',
        headers: {
          ...{ 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
          ...(cookie === undefined ? {} : { cookie }),
        },
        body: JSON.stringify({ client_id: APP.clientId, client_secret: APP.clientSecret }),
      })
      const set = answer.headers.get('set-cookie') ?? ''
      expect(set).toMatch(
        /^conveyor_authorization=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
      )
      // Just what this route promises.
      const { authorization_url } = (await answer.json()) as { authorization_url: string }
      return { back: await decideAt(authorization_url, 'allow'), cookie: set.split(';')[0] ?? '' }
    }
    const visit = (back: URL, cookie: string) =>
      fetch(url + back.pathname + back.search, { headers: { cookie, accept: 'text/html' } })

    const mine = await beginInBrowser()
    const again = await beginInBrowser(mine.cookie)
    expect(again.cookie).toBe(mine.cookie)
    const theirs = await beginInBrowser()
    expect(theirs.cookie).not.toBe(mine.cookie)

    const refused = await visit(theirs.back, mine.cookie)
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringContaining('another_browser'),
    ])
    for (const { back } of [mine, again]) {
      expect(await (await visit(back, mine.cookie)).text()).toContain('is connected')
    }
    // Refusing used nothing up.
    expect(await comeBack(theirs.back)).toMatchObject({ status: 200 })
  })

  test('a browser that did not begin it connects nothing unasked', async () => {
    const before = (await call('GET', '/v1/connections')).body
    const tokensBefore = (await conveyor.org.calls('token')).length
    const begun = await authorize({ name: 'Of <b>somebody</b>' })
    const back = await decideAt(begun, 'allow')
    const address = back.pathname + back.search
    expect(await call('GET', address)).toMatchObject({
      status: 409,
      body: { error: 'confirmation_required' },
    })
    const page = await fetch(url + address, { headers: { accept: 'text/html' } })
    expect(page.status).toBe(200)
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'cache-control': 'no-store',
      // Nothing of the address, and yet the origin: see below.
      'referrer-policy': 'strict-origin',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringContaining("form-action 'self'"),
    })
    const text = await page.text()
    expect(text).toContain('Of &lt;b&gt;somebody&lt;/b&gt;')
    expect(text).toMatch(/the workspace <strong>[^<]+<\/strong>/)
    expect(text).toContain('a program on the machine of the server from')
    for (const name of ['code', 'state']) {
      expect(text).not.toContain(back.searchParams.get(name))
    }
    expect((await conveyor.org.calls('token')).length).toBe(tokensBefore)
    expect((await call('GET', '/v1/connections')).body).toEqual(before)
    // The state is used up by that: an application cannot bring another code for it.
    const { searchParams } = back
    const brought = { code: 'another', state: searchParams.get('state') }
    expect(await call('POST', '/api/auth/salesforce/callback', brought)).toMatchObject({
      body: { error: 'invalid_state' },
    })
  })

  test('a confirmation counts once, from the page alone, for the code that came', async () => {
    const back = await decideAt(await authorize(), 'allow')
    const first = await askedToConfirm(url, back)
    const other = new URL(back)
    other.searchParams.set('code', 'another')
    await expect(askedToConfirm(url, other)).rejects.toThrow(/invalid_state/)
    // Loaded again, as where the first page got lost: its token counts no more.
    const token = await askedToConfirm(url, back)
    expect(await confirm(url, first)).toMatchObject({ body: { error: 'invalid_state' } })
    for (const foreign of [
      { 'sec-fetch-site': 'cross-site', origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      expect(await confirm(url, token, foreign)).toMatchObject({
        status: 403,
        body: { error: 'origin_not_allowed' },
      })
    }
    // As browsers send it without TLS, and old ones always.
    const own = { origin: url }
    expect(await confirm(url, token, own)).toMatchObject({ status: 200, body: { ok: true } })
    expect(await confirm(url, token, own)).toMatchObject({ body: { error: 'invalid_state' } })
    await expect(askedToConfirm(url, back)).rejects.toThrow(/invalid_state/)
    const { body } = await call('GET', '/v1/audit-log?action=connection.authorization_confirmed')
    expect(body['entries']).toEqual(
      expect.arrayContaining([expect.objectContaining({ outcome: 'success' })]),
    )
  })

  test('a confirmation that comes after ten minutes is too late', async () => {
    const token = await askedToConfirm(url, await decideAt(await authorize(), 'allow'))
    await conveyor.pool.query(sql.type(row<never>())`
      update oauth_flows set expires_at = now() - interval '1 second' where state = 'confirming'`)
    expect(await confirm(url, token)).toMatchObject({ body: { error: 'invalid_state' } })
  })

  test('a state counts once', async () => {
    const back = await decideAt(await authorize(), 'allow')
    expect((await comeBack(back)).status).toBe(200)
    expect(await comeBack(back)).toMatchObject({ status: 400, body: { error: 'invalid_state' } })
    back.searchParams.set('state', 'made-up')
    expect(await comeBack(back)).toMatchObject({ status: 400, body: { error: 'invalid_state' } })
  })

  test('a state that is ten minutes old counts no more', async () => {
    const back = await decideAt(await authorize(), 'allow')
    await conveyor.pool.query(sql.type(row<never>())`
      update oauth_flows set expires_at = now() - interval '1 second' where state = 'pending'`)
    expect(await comeBack(back)).toMatchObject({ status: 400, body: { error: 'invalid_state' } })
  })

  test('a flow that ended, or whose time is over, holds no secret', async () => {
    const secretsOf = (name: string) =>
      conveyor.pool.oneFirst(sql.type(row<{ n: number }>())`
        select count(*) filter (where num_nonnulls(client_secret, code_verifier, code) > 0) as n
        from oauth_flows where name = ${name}`)
    await comeBack(await decideAt(await authorize({ name: 'Completed' }), 'allow'))
    expect(await secretsOf('Completed')).toBe(0)
    await comeBack(await decideAt(await authorize({ name: 'Denied' }), 'deny'))
    expect(await secretsOf('Denied')).toBe(0)
    await authorize({ name: 'Left' })
    expect(await secretsOf('Left')).toBe(1)
    await conveyor.pool.query(sql.type(row<never>())`
      update oauth_flows set expires_at = now() - interval '1 second' where name = 'Left'`)
    await until(async () => (await secretsOf('Left')) === 0, 20_000)
  })

  test('a state counts in its own workspace alone', async () => {
    await conveyor.pool.query(sql.type(row<never>())`
      insert into workspaces (workspace_id, name) values ('other', 'Other')`)
    const back = await decideAt(await authorize(), 'allow')
    await conveyor.pool.query(sql.type(row<never>())`
      update oauth_flows set workspace_id = 'other' where state = 'pending'`)
    const brought = { code: back.searchParams.get('code'), state: back.searchParams.get('state') }
    expect(await call('POST', '/api/auth/salesforce/callback', brought)).toMatchObject({
      status: 400,
      body: { error: 'invalid_state' },
    })
  })

  test('a user who does not allow it is told apart, whatever the address says', async () => {
    const back = await decideAt(await authorize(), 'deny')
    back.searchParams.set('error_description', '<script>alert(1)</script>')
    const page = await fetch(url + back.pathname + back.search)
    expect(page.status).toBe(400)
    const text = await page.text()
    expect(text).toContain('authorization_denied')
    expect(text).not.toContain('<script>')
  })

  test('a missing scope is refused with the remedy, and nothing is kept', async () => {
    const { port } = new URL(url)
    await putApp(conveyor.org.url, {
      ...{ clientId: 'no-refresh', clientSecret: 'secret-of-it', scopes: ['id', 'api'] },
      redirectUris: [`http://localhost:${port}/api/auth/salesforce/callback`],
    })
    const before = (await call('GET', '/v1/connections')).body
    const own = { client_id: 'no-refresh', client_secret: 'secret-of-it' }
    expect(await comeBack(await decideAt(await authorize(own), 'allow'))).toMatchObject({
      status: 422,
      body: { error: 'scope_missing', message: expect.stringContaining('refresh_token') },
    })
    expect((await call('GET', '/v1/connections')).body).toEqual(before)
  })

  test('a wrong secret is the app’s fault, and says so', async () => {
    const back = await decideAt(await authorize({ client_secret: 'wrong' }), 'allow')
    expect(await comeBack(back)).toMatchObject({
      status: 422,
      body: { error: 'app_refused', message: expect.stringContaining('consumer secret') },
    })
  })
})

test('a user of another organization does not take a connection over', async () => {
  await comeBack(await decideAt(await authorize({ name: 'Pinned', user_id: 'kim' }), 'allow'))
  const connections = createConnectionQueries(conveyor.pool)
  const { connectionId = '' } = (await connections.findByUser('kim')) ?? {}
  await conveyor.pool.query(sql.type(row<never>())`
    update connections set organization_id = '00D000000000001AAA' where connection_id = ${connectionId}`)
  const again = await call('POST', `/v1/connections/${connectionId}/reauthorize`)
  const back = await decideAt(String(again.body['authorization_url']), 'allow')
  const revokedBefore = (await conveyor.org.calls('revoke')).length
  expect(await comeBack(back)).toMatchObject({
    status: 409,
    body: {
      error: 'organization_mismatch',
      message: expect.stringContaining('00D000000000001AAA'),
    },
  })
  const { body } = await call('GET', '/v1/audit-log?action=connection.reauthorized')
  expect(body).toMatchObject({ entries: [{ outcome: 'failed', subject: connectionId }] })
  // The tokens that came are given back, and those that the connection has go on.
  await until(async () => (await conveyor.org.calls('revoke')).length === revokedBefore + 1, 10_000)
  const before = await createSalesforceOauthTokenQueries(conveyor.pool).find(connectionId)
  await call('POST', `/v1/connections/${connectionId}/test`)
  expect(await createSalesforceOauthTokenQueries(conveyor.pool).find(connectionId)).toEqual(before)
})

test('authorising again ends the token that it replaces, and no other', async () => {
  await comeBack(await decideAt(await authorize({ name: 'Twice', user_id: 'tom' }), 'allow'))
  const { connectionId = '' } =
    (await createConnectionQueries(conveyor.pool).findByUser('tom')) ?? {}
  const approvals = async () => {
    const { body } = await callJson('GET', `${conveyor.org.url}/__simulator/approvals`)
    // The simulator's own answer.
    return (body['approvals'] as { id: number }[]).map(({ id }) => id)
  }
  const before = await approvals()
  const revokedBefore = (await conveyor.org.calls('revoke')).length
  const again = await call('POST', `/v1/connections/${connectionId}/reauthorize`)
  await comeBack(await decideAt(String(again.body['authorization_url']), 'allow'))
  await until(async () => (await conveyor.org.calls('revoke')).length > revokedBefore, 10_000)
  expect((await conveyor.org.calls('revoke')).at(-1)).toMatchObject({ status: 200 })
  const after = await approvals()
  expect(before.filter((id) => !after.includes(id))).toHaveLength(1)
  expect(after.filter((id) => !before.includes(id))).toHaveLength(1)
  expect(await call('POST', `/v1/connections/${connectionId}/test`)).toMatchObject({ status: 200 })

  // Where Salesforce does not answer to that, the authorisation holds all the same.
  await conveyor.org.addFault({
    ...{ match: { call: 'revoke' }, times: 1 },
    action: { type: 'status', status: 503 },
  })
  const third = await call('POST', `/v1/connections/${connectionId}/reauthorize`)
  const back = await decideAt(String(third.body['authorization_url']), 'allow')
  expect(await comeBack(back)).toMatchObject({ status: 200 })
  await until(async () => (await conveyor.org.calls('revoke')).at(-1)?.status === 503, 10_000)
  await conveyor.org.clearFaults()
  expect(await call('POST', `/v1/connections/${connectionId}/test`)).toMatchObject({ status: 200 })
})

test('a revocation that comes late leaves the tokens of who authorised again', async () => {
  await comeBack(await decideAt(await authorize({ name: 'Back', user_id: 'sue' }), 'allow'))
  const { connectionId = '' } =
    (await createConnectionQueries(conveyor.pool).findByUser('sue')) ?? {}
  const operations = createConnectionOperationQueries(conveyor.pool)
  const operationId = 'operation_late'
  await operations.insert({
    ...{ operationId, connectionId, kind: 'revoke', workspaceId: 'default', lifeSeconds: 60 },
  })
  const before = (await conveyor.org.calls('revoke')).length
  await conveyor.starters.startRevokeConnection({
    ...{ workspaceId: 'default', connectionId, operationId },
  })
  await until(async () => (await operations.find(operationId))?.state === 'succeeded', 20_000)
  expect((await conveyor.org.calls('revoke')).length).toBe(before)
  expect(await call('POST', `/v1/connections/${connectionId}/test`)).toMatchObject({ status: 200 })
})

test('a run whose start was not acknowledged waits for who sends the same again', async () => {
  const token = await askedToConfirm(
    url,
    await decideAt(await authorize({ name: 'Unacknowledged' }), 'allow'),
  )
  const flowId = await conveyor.pool.oneFirst(sql.type(row<{ flow_id: string }>())`
    select flow_id from oauth_flows where name = 'Unacknowledged'`)
  await conveyor.starters.startExchangeAuthorizationCode({ workspaceId: 'default', flowId })
  const run = conveyor.temporal.client.workflow.getHandle(
    exchangeAuthorizationCodeWorkflowId(conveyor.installationId, flowId),
  )
  // It has tried, and changed nothing.
  await until(async () => {
    const { raw } = await run.describe()
    return (raw.pendingActivities?.[0]?.attempt ?? 0) > 1
  }, 20_000)
  expect(await confirm(url, token)).toMatchObject({ status: 200, body: { ok: true } })
})

test('a connection that is removed while it is authorised stays without tokens', async () => {
  await comeBack(await decideAt(await authorize({ name: 'Removed', user_id: 'ann' }), 'allow'))
  const { connectionId = '' } =
    (await createConnectionQueries(conveyor.pool).findByUser('ann')) ?? {}
  const again = await call('POST', `/v1/connections/${connectionId}/reauthorize`)
  const back = await decideAt(String(again.body['authorization_url']), 'allow')
  const coming = await conveyor.pool.transaction(async (transaction) => {
    // As a removal does.
    await createSalesforceOauthTokenQueries(transaction).deactivate(connectionId)
    await createConnectionQueries(transaction).setDeleted(connectionId)
    const answer = comeBack(back)
    await until(
      async () =>
        (await transaction.oneFirst(sql.type(row<{ n: number }>())`
          select count(*) as n from pg_locks
          where not granted and transactionid = pg_current_xact_id()::xid`)) > 0,
      8_000,
    )
    return { answer }
  })
  expect(await coming.answer).toMatchObject({ body: { error: 'authorization_interrupted' } })
  const tokens = await createSalesforceOauthTokenQueries(conveyor.pool).find(connectionId)
  expect(tokens?.isActive).toBe(false)
})

test('a code whose use was begun is not presented a second time', async () => {
  await authorize({ name: 'Interrupted' })
  const flowId = await conveyor.pool.oneFirst(sql.type(row<{ flow_id: string }>())`
    update oauth_flows set state = 'exchanging', code = 'sealed'::bytea
    where state = 'pending' and name = 'Interrupted' returning flow_id`)
  const before = (await conveyor.org.calls('token')).length
  await conveyor.starters.startExchangeAuthorizationCode({ workspaceId: 'default', flowId })
  const flows = createOauthFlowQueries(conveyor.pool)
  await until(async () => (await flows.find(flowId))?.state === 'failed', 20_000)
  expect((await flows.find(flowId))?.errorCode).toBe('authorization_interrupted')
  expect((await conveyor.org.calls('token')).length).toBe(before)
})

test('a state that is handed back lives no longer than it was made for', async () => {
  const begun = await authorize({ name: 'Too slow' })
  const back = await decideAt(begun, 'allow')
  const flowId = await conveyor.pool.oneFirst(sql.type(row<{ flow_id: string }>())`
    update oauth_flows
    set state = 'received', created_at = now() - interval '20 minutes', expires_at = now() + interval '1 hour'
    where state = 'pending' and name = 'Too slow' returning flow_id`)
  await createOauthFlowQueries(conveyor.pool).unclaim(flowId, 600)
  expect(await comeBack(back)).toMatchObject({ status: 400, body: { error: 'invalid_state' } })
})

test('a session in the memory of a worker ends with its connection', async () => {
  await comeBack(await decideAt(await authorize({ name: 'Held', user_id: 'lee' }), 'allow'))
  const { connectionId = '' } =
    (await createConnectionQueries(conveyor.pool).findByUser('lee')) ?? {}
  expect((await call('POST', `/v1/connections/${connectionId}/test`)).status).toBe(200)
  await conveyor.pool.query(sql.type(row<never>())`
    update connections set revoked_at = now() where connection_id = ${connectionId}`)
  const job = await call('POST', '/v1/bulk-jobs', {
    ...{ object: 'Account', operation: 'insert', connection_id: connectionId },
    records: [{ Name: 'Too late' }],
  })
  const jobId = String(job.body['id'])
  const blocked = await conveyor.waitForState(jobId, 'Blocked')
  expect(blocked).toMatchObject({
    blockedReason: 'authentication_failed',
    blockedDetail: expect.stringContaining('revoked'),
  })
  await call('POST', `/v1/bulk-jobs/${jobId}/cancel`)
  await conveyor.waitForEnd(jobId)
})

describe('connections without a browser', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = (key: typeof privateKey) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
  const username = async () => String((await conveyor.org.records('User'))[0]?.['Username'])

  test('JWT bearer', async () => {
    await putApp(conveyor.org.url, {
      clientId: 'jwt-app',
      certificate: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      approvedUsers: [await username()],
    })
    const wanted = {
      ...{ flow: 'jwt_bearer', name: 'By key', client_id: 'jwt-app' },
      ...{ username: await username(), private_key: pem(privateKey), user_id: 'jwt-user' },
    }
    const made = await call('POST', '/v1/connections', wanted)
    expect(made).toMatchObject({
      status: 201,
      body: { status: 'connected', user_id: 'jwt-user', username: await username() },
    })
    const strange = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    expect(
      await call('POST', '/v1/connections', { ...wanted, private_key: pem(strange) }),
    ).toMatchObject({ status: 422, body: { code: 'credentials_refused' } })
    const { body } = await call('GET', '/v1/connections')
    const named = (body['connections'] as { name: string }[]).filter((c) => c.name === 'By key')
    expect(named).toHaveLength(1)
  })

  test('client credentials', async () => {
    const wanted = {
      ...{ flow: 'client_credentials', name: 'By secret' },
      ...{ client_id: 'simulator-client', client_secret: 'simulator-secret' },
    }
    const made = await call('POST', '/v1/connections', wanted)
    expect(made).toMatchObject({ status: 201, body: { status: 'connected' } })
    expect(
      await call('POST', '/v1/connections', { ...wanted, client_secret: 'wrong' }),
    ).toMatchObject({ status: 422, body: { code: 'app_refused' } })
  })

  test.each([
    [{ private_key: 'nonsense' }, /private_key: is no private key/],
    [
      { private_key: pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey) },
      /1024 bits/,
    ],
    [{ environment: 'sandbox', login_url: 'https://a.my.salesforce.com' }, /not both/],
    [{ login_url: 'ftp://example.com' }, /login_url is neither http nor https/],
    [{ flow: 'password' }, /field flow/],
    [{ usrname: 'x' }, /Did you mean username/],
  ])('%j is refused by name', async (wrong, message) => {
    const wanted = { flow: 'jwt_bearer', name: 'x', client_id: 'x', username: 'x' }
    const answer = await call('POST', '/v1/connections', {
      ...{ ...wanted, private_key: pem(privateKey) },
      ...wrong,
    })
    expect(answer.status).toBe(400)
    expect(answer.body['detail']).toMatch(message)
  })
})

test('legacy callers get a connection of their own by user_id, and others the default one', async () => {
  const begun = await call('GET', '/api/auth/salesforce/authorize?user_id=ada')
  // The server's own app knows no address of this test.
  expect(begun).toMatchObject({
    status: 200,
    body: { ok: true, provider: 'salesforce', expires_in: 600, client_id: 'simulato…' },
  })
  const { port } = new URL(url)
  await callJson('PATCH', `${conveyor.org.url}/__simulator/apps/simulator-client`, {
    redirectUris: [`http://localhost:${port}/api/auth/salesforce/callback`],
  })
  const back = await decideAt(String(begun.body['authorization_url']), 'allow')
  const brought = { code: back.searchParams.get('code'), state: back.searchParams.get('state') }
  const done = await call('POST', '/api/auth/salesforce/callback', brought)
  expect(done).toMatchObject({
    status: 200,
    body: { ok: true, stored: true, user_info: { environment: 'production' }, data: {} },
  })
  expect(JSON.stringify(done.body)).not.toMatch(/00D\w{12}!|5Aep861/)
  const connections = createConnectionQueries(conveyor.pool)
  const mapped = await connections.findByUser('ada')

  for (const [user_id, connectionId] of [
    ['ada', mapped?.connectionId],
    ['bob', 'default'],
  ]) {
    const job = await call('POST', '/api/salesforce/bulk/create-job', {
      ...{ user_id, operation: 'insert', object_type: 'Account', data: [{ Name: 'x' }] },
    })
    expect((await conveyor.job(String(job.body['job_id']))).connectionId).toBe(connectionId)
    await conveyor.waitForEnd(String(job.body['job_id']))
  }
  expect(await call('POST', '/api/auth/salesforce/refresh', { user_id: 'ada' })).toMatchObject({
    status: 200,
    body: { ok: true, status: 'connected' },
  })
  expect((await call('GET', '/api/auth/salesforce/health')).body).toMatchObject({
    ok: true,
    status: 'healthy',
  })
  expect(await call('POST', '/api/auth/salesforce/revoke', { user_id: 'bob' })).toMatchObject({
    status: 404,
  })
  expect(await call('POST', '/api/auth/salesforce/revoke', { user_id: 'ada' })).toMatchObject({
    status: 200,
    body: { status: 'revoked' },
  })
  expect((await connections.findByUser('ada'))?.status).toBe('revoked')
  const secrets = await conveyor.pool.oneFirst(sql.type(row<{ n: number }>())`
    select count(*) as n from salesforce_oauth_tokens
    where connection_id = ${mapped?.connectionId ?? ''} and (access_token is not null or refresh_token is not null)`)
  expect(secrets).toBe(0)
})

test('a job of a connection that Salesforce refuses waits, and goes on once it is authorised again', async () => {
  await comeBack(await decideAt(await authorize({ name: 'Refused', user_id: 'eve' }), 'allow'))
  const connections = createConnectionQueries(conveyor.pool)
  const { connectionId = '' } = (await connections.findByUser('eve')) ?? {}
  await revokeApprovals()
  const job = await call('POST', '/v1/bulk-jobs', {
    ...{ object: 'Account', operation: 'insert', connection_id: connectionId },
    records: [{ Name: 'Waits' }],
  })
  expect(job).toMatchObject({ status: 202, body: { connection_id: connectionId } })
  const jobId = String(job.body['id'])
  await conveyor.waitForState(jobId, 'Blocked')
  expect((await call('GET', `/v1/connections/${connectionId}`)).body).toMatchObject({
    status: 'reauthorization_required',
    blocked: { remedy: expect.stringContaining('Authorise') },
  })
  expect(await call('DELETE', `/v1/connections/${connectionId}`)).toMatchObject({
    status: 409,
    body: { code: 'connection_in_use' },
  })

  const again = await call('POST', `/v1/connections/${connectionId}/reauthorize`)
  await comeBack(await decideAt(String(again.body['authorization_url']), 'allow'))
  // Long before the job would have tried by itself: the sweeper finds that nothing holds it.
  expect((await conveyor.waitForEnd(jobId, 28_000)).state).toBe('Completed')
  expect((await connections.findByUser('eve'))?.connectionId).toBe(connectionId)
})

test('a deleted connection is revoked at Salesforce, erased here, and gone for callers', async () => {
  await comeBack(await decideAt(await authorize({ name: 'Short', user_id: 'zoe' }), 'allow'))
  const { connectionId = '' } =
    (await createConnectionQueries(conveyor.pool).findByUser('zoe')) ?? {}
  expect(await call('POST', `/v1/connections/${connectionId}/default`)).toMatchObject({
    body: { default: true },
  })
  expect(await call('POST', '/v1/connections/default/default')).toMatchObject({ status: 200 })
  const revokedBefore = (await conveyor.org.calls('revoke')).length
  expect(await call('DELETE', `/v1/connections/${connectionId}`)).toMatchObject({
    status: 200,
    body: { deleted: true, revocation: 'revoked', detail: null },
  })
  const revocations = await conveyor.org.calls('revoke')
  expect(revocations.length).toBe(revokedBefore + 1)
  for (const path of ['', '/test', '/reauthorize', '/default']) {
    const method = path === '' ? 'GET' : 'POST'
    expect((await call(method, `/v1/connections/${connectionId}${path}`)).status).toBe(404)
  }
  const left = await conveyor.pool.oneFirst(sql.type(row<{ n: number }>())`
    select count(*) as n from connection_credentials where connection_id = ${connectionId}`)
  expect(left).toBe(0)
  expect(await call('DELETE', '/v1/connections/default')).toMatchObject({
    status: 409,
    body: { code: 'connection_of_environment' },
  })
})

test('retention removes what nobody waits for, and tokens whose revocation was lost', async () => {
  await comeBack(await decideAt(await authorize({ name: 'Lost', user_id: 'max' }), 'allow'))
  const { connectionId = '' } =
    (await createConnectionQueries(conveyor.pool).findByUser('max')) ?? {}
  await authorize({ name: 'Nobody came back' })
  await conveyor.pool.query(sql.type(row<never>())`
    update connections set deleted_at = now() - interval '3 hours' where connection_id = ${connectionId}`)
  await conveyor.pool.query(sql.type(row<never>())`
    update oauth_flows set expires_at = now() - interval '2 days' where name = 'Nobody came back'`)
  await conveyor.pool.query(sql.type(row<never>())`
    update connection_operations set expires_at = now() - interval '1 second'`)
  await conveyor.temporal.client.workflow.execute('retention', {
    workflowId: `retention/${conveyor.installationId}/by-hand`,
    taskQueue: taskQueue(conveyor.installationId, 'conveyor'),
    args: [],
  })
  const left = await conveyor.pool.one(
    sql.type(row<{ flows: number; operations: number; secrets: number; credentials: number }>())`
    select (select count(*) from oauth_flows where name = 'Nobody came back') as flows,
      (select count(*) from connection_operations) as operations,
      (select count(*) from salesforce_oauth_tokens
        where connection_id = ${connectionId} and (access_token is not null or refresh_token is not null)) as secrets,
      (select count(*) from connection_credentials where connection_id = ${connectionId}) as credentials`,
  )
  expect(left).toEqual({ flows: 0, operations: 0, secrets: 0, credentials: 0 })
})

test('the table of tokens says through its view which of them Salesforce refused', async () => {
  const statusOf = (connectionId: string) =>
    conveyor.pool.one(
      sql.type(row<{ access: boolean; refresh: boolean | null }>())`
      select access_token_expired as access, refresh_token_expired as refresh
      from salesforce_oauth_token_status where connection_id = ${connectionId}`,
    )
  await comeBack(await decideAt(await authorize({ name: 'Viewed', user_id: 'ned' }), 'allow'))
  const { connectionId = '' } =
    (await createConnectionQueries(conveyor.pool).findByUser('ned')) ?? {}
  expect(await statusOf(connectionId)).toEqual({ access: false, refresh: false })
  // It signs in by the app's secret, and has no token to refresh with.
  expect(await call('POST', '/v1/connections/default/test')).toMatchObject({ status: 200 })
  expect(await statusOf('default')).toMatchObject({ refresh: null })
  await revokeApprovals()
  const refused = await call('POST', `/v1/connections/${connectionId}/test`)
  expect(refused).toMatchObject({ status: 422, body: { code: 'credentials_refused' } })
  expect(await statusOf(connectionId)).toEqual({ access: true, refresh: true })
})

const SECRET = /00D\w{12}!|5Aep861|a-secret-of-the-web-app|PRIVATE KEY/

/** Bytes of the database read as text, so that what is stored there in clear shows. */
function readable(line: string): string {
  return line.replaceAll(/\\+x([0-9a-f]+)/g, (_, hex: string) => Buffer.from(hex, 'hex').toString())
}

test('nothing secret is in the database or in the histories', async () => {
  expect(readable(`\\x${Buffer.from('5Aep861 in clear').toString('hex')}`)).toMatch(SECRET)

  const tables = await conveyor.pool.anyFirst(sql.type(row<{ name: string }>())`
    select c.relname as name from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'`)
  for (const table of tables) {
    const text = await conveyor.pool.anyFirst(sql.type(row<{ line: string }>())`
      select t::text as line from ${sql.identifier([table])} t`)
    for (const line of text) {
      expect(readable(line), table).not.toMatch(SECRET)
    }
  }
  const { client } = conveyor.temporal
  const seen = new Set<string>()
  for await (const run of client.workflow.list()) {
    const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory()
    seen.add(run.type)
    const text = historyFile(history).replaceAll(/"data": "([^"]*)"/g, (_, data: string) =>
      Buffer.from(data, 'base64').toString(),
    )
    // Inputs are readable that way, or the next line would prove nothing.
    if (/Connection|Code/.test(run.type)) expect(text).toMatch(/"workspaceId":"default"/)
    expect(text).not.toMatch(SECRET)
  }
  expect([...seen].sort()).toEqual(
    expect.arrayContaining(['exchangeAuthorizationCode', 'revokeConnection', 'testConnection']),
  )
})

test('without an encryption key connections are refused with the remedy', async () => {
  const bare = await conveyor.startApi({ SALESFORCE_TOKEN_ENCRYPTION_KEY: '' })
  const response = await fetch(`${bare.url}/v1/connections/authorize`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  expect(response.status).toBe(409)
  expect(await response.text()).toMatch(/encryption_key_required/)

  // A process that lost the key meanwhile stores no code in clear, and leaves the state to the others.
  const back = await decideAt(await authorize({ name: 'Without a key' }), 'allow')
  const brought = { code: back.searchParams.get('code'), state: back.searchParams.get('state') }
  const callback = '/api/auth/salesforce/callback'
  expect(await callJson('POST', bare.url + callback, brought)).toMatchObject({
    status: 409,
    body: { error: 'encryption_key_required' },
  })
  expect(await call('POST', callback, brought)).toMatchObject({ status: 200 })
})
