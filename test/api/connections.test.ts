import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createConnectionOperationQueries } from '../../db/connection-operations.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createOauthFlowQueries } from '../../db/oauth-flows.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import { row } from '../../db/row-type.ts'
import { askedToConfirm, confirm } from '../connections/authorize.ts'
import { postJson, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

const authorize = async (body: object = {}) => {
  const answer = await postJson(`${api.url}/v1/connections/authorize`, body)
  // Each test asserts what it reads.
  return { status: answer.status, body: (await answer.json()) as Record<string, string> }
}

async function state(): Promise<string> {
  return (await authorize()).body['state'] ?? ''
}

const callback = (brought: Record<string, string>) =>
  postJson(`${api.url}/api/auth/salesforce/callback`, brought)

test('where Temporal is away the same may be confirmed again', async () => {
  const back = new URL('http://localhost/api/auth/salesforce/callback')
  back.search = new URLSearchParams({ state: await state(), code: 'a-code' }).toString()
  const token = await askedToConfirm(api.url, back)
  api.temporal.isDown = true
  expect(await confirm(api.url, token)).toMatchObject({ status: 503 })
  api.temporal.isDown = false
  // Nobody works on it here: the confirmation counted, and the outcome is waited for in vain.
  expect(await confirm(api.url, token)).toMatchObject({ body: { error: 'operation_in_progress' } })
  expect(await confirm(api.url, token)).toMatchObject({ body: { error: 'invalid_state' } })
})

test('where only the answer of Temporal was lost the outcome is waited for', async () => {
  api.temporal.onExchange = async (flowId) => {
    await createOauthFlowQueries(api.pool).beginExchange(flowId)
    throw new Error('the answer was lost')
  }
  const answer = await callback({ state: await state(), code: 'a-code' })
  api.temporal.onExchange = async () => {}
  expect(await answer.json()).toMatchObject({ error: 'operation_in_progress' })
})

test('a form without the token is told which field it lacks', async () => {
  expect(await confirm(api.url, '')).toMatchObject({
    body: { error: 'missing_required_field', message: expect.stringContaining('token') },
  })
})

test('where Temporal is away the same code may be brought again', async () => {
  const brought = { state: await state(), code: 'a-code' }
  api.temporal.isDown = true
  expect((await callback(brought)).status).toBe(503)
  api.temporal.isDown = false
  const again = await callback(brought)
  // Nobody works on it here: the state counted, and the outcome is waited for in vain.
  expect(await again.json()).toMatchObject({ error: 'operation_in_progress' })
  expect(again.headers.get('retry-after')).toBe('5')
  expect(api.temporal.started.at(-1)).toMatch(/^flow_/)
  expect(await (await callback(brought)).json()).toMatchObject({ error: 'invalid_state' })
})

test.each([
  ['/api/auth/salesforce/authorize?user_id=ada', 'GET, OPTIONS'],
  ['/api/oauth/salesforce/url?user_id=ada', 'GET, OPTIONS'],
  ['/api/auth/salesforce/callback', 'GET, OPTIONS, POST'],
])('HEAD of %s does nothing: 405', async (path, allow) => {
  const flows = () =>
    api.pool.any(sql.type(row<{ state: string }>())`
      select flow_id, state from oauth_flows order by flow_id`)
  const query = `code=a-code&state=${await state()}`
  const before = await flows()
  const url = `${api.url}${path}${path.includes('?') ? '&' : '?'}${query}`
  const answer = await fetch(url, { method: 'HEAD' })
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
  expect(await flows()).toEqual(before)
  const options = await fetch(`${api.url}${path}`, { method: 'OPTIONS' })
  expect(options.headers.get('allow')).toBe(allow)
})

test.each([
  [{ login_url: 'https://evil.example' }, 'login_host_not_allowed', /not a Salesforce host/],
  [{ login_url: 'https://salesforce.com.evil.example' }, 'login_host_not_allowed', /login_url/],
  [{ login_url: 'http://login.salesforce.com' }, 'login_host_not_allowed', /https/],
  [{ login_url: 'https://u:p@a.my.salesforce.com' }, 'login_host_not_allowed', /password/],
  [{ environment: 'moon' }, 'invalid_request', /environment/],
  [{ nmae: 'x' }, 'unknown_parameter', /Did you mean name/],
])('%j is refused as %s', async (body, code, message) => {
  const answer = await authorize(body)
  expect(answer.status).toBe(400)
  expect(answer.body).toMatchObject({ code, detail: expect.stringMatching(message) })
})

test('client credentials want a My Domain', async () => {
  const answer = await postJson(`${api.url}/v1/connections`, {
    ...{ flow: 'client_credentials', name: 'x', client_id: 'x', client_secret: 'x' },
    environment: 'production',
  })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({
    code: 'login_host_not_allowed',
    detail: expect.stringContaining('My Domain'),
  })
})

test('a connection that nobody could test is not kept, and its secret neither', async () => {
  const wanted = {
    ...{ flow: 'client_credentials', name: 'Untested', client_id: 'x', client_secret: 'planted' },
    login_url: 'https://example.my.salesforce.com',
  }
  const answer = await postJson(`${api.url}/v1/connections`, wanted)
  expect(await answer.json()).toMatchObject({ status: 503, code: 'salesforce_unavailable' })
  api.temporal.isDown = true
  expect((await postJson(`${api.url}/v1/connections`, wanted)).status).toBe(503)
  api.temporal.isDown = false
  const left = await api.pool.one(sql.type(
    row<{ connections: number; credentials: number; running: number }>(),
  )`select (select count(*) from connections where name = 'Untested' and deleted_at is null) as connections,
      (select count(*) from connection_credentials) as credentials,
      (select count(*) from connection_operations where state = 'running') as running`)
  expect(left).toEqual({ connections: 0, credentials: 0, running: 0 })
})

test('a workspace has a thousand authorisations under way at most', async () => {
  await api.pool.query(sql.type(row<never>())`
    insert into oauth_flows (flow_id, workspace_id, state_hash, name, login_url, redirect_uri, client_id,
      code_verifier, expires_at)
    select 'flow_' || n, 'default', sha256(n::text::bytea), 'x', 'x', 'x', 'x', 'x', now() + interval '1 minute'
    from generate_series(1, 1000) n`)
  expect(await authorize()).toMatchObject({
    status: 409,
    body: { code: 'too_many_authorizations' },
  })
  await api.pool.query(sql.type(row<never>())`delete from oauth_flows`)
})

test('whoever makes another connection the default at the same time waits for their turn', async () => {
  const ids = ['con_a', 'con_b', 'con_c', 'con_d', 'con_e']
  for (const id of ids) {
    await api.pool.query(sql.type(row<never>())`
      insert into connections (connection_id, workspace_id, name) values (${id}, 'default', ${id})`)
  }
  const made = await Promise.all(
    ids.map((id) => fetch(`${api.url}/v1/connections/${id}/default`, { method: 'POST' })),
  )
  expect(made.map((answer) => answer.status)).toEqual(ids.map(() => 200))
  const defaults = await api.pool.oneFirst(sql.type(row<{ n: number }>())`
    select count(*) as n from connections where workspace_id = 'default' and is_default`)
  expect(defaults).toBe(1)
})

describe('the audit log of what is asked of Salesforce', () => {
  const entriesOf = (connectionId: string) =>
    api.pool.any(
      sql.type(row<{ action: string; outcome: string; code: string | null; request: string }>())`
      select action, outcome, details ->> 'code' as code, request_id as request
      from audit_log where subject = ${connectionId} order by entry_id`,
    )
  async function askForTest(connectionId: string) {
    await api.pool.query(sql.type(row<never>())`
      insert into connections (connection_id, workspace_id, name, flow)
      values (${connectionId}, 'default', 'Audited', 'jwt_bearer')`)
    const headers = { 'x-request-id': `of-${connectionId}` }
    return fetch(`${api.url}/v1/connections/${connectionId}/test`, { method: 'POST', headers })
  }

  test('has the outcome in the name of who asked, though the request ended before it', async () => {
    expect((await askForTest('con_audited')).status).toBe(503)
    const request = 'of-con_audited'
    const started = { action: 'connection.test_started', outcome: 'success', code: null, request }
    expect(await entriesOf('con_audited')).toEqual([started])
    const operations = createConnectionOperationQueries(api.pool)
    expect(await operations.succeed(api.temporal.started.at(-1) ?? '')).toBe(true)
    const tested = { action: 'connection.tested', outcome: 'success', code: null, request }
    expect(await entriesOf('con_audited')).toEqual([started, tested])
  })

  test('has the outcome of what could not be started', async () => {
    api.temporal.isDown = true
    expect((await askForTest('con_not_asked')).status).toBe(503)
    api.temporal.isDown = false
    expect(await entriesOf('con_not_asked')).toMatchObject([
      { action: 'connection.test_started' },
      { action: 'connection.tested', outcome: 'failed', code: 'salesforce_unavailable' },
    ])
  })

  test('has no outcome without its entry, and asks nothing without one', async () => {
    await askForTest('con_no_log')
    const operationId = api.temporal.started.at(-1) ?? ''
    const startedBefore = api.temporal.started.length
    await api.pool.query(sql.type(row<never>())`
      alter table audit_log add constraint no_entries check (false) not valid`)
    try {
      const operations = createConnectionOperationQueries(api.pool)
      await expect(operations.succeed(operationId)).rejects.toThrow(/no_entries|check/i)
      expect((await operations.find(operationId))?.state).toBe('running')
      expect((await askForTest('con_no_log_either')).status).toBe(500)
      expect(api.temporal.started.length).toBe(startedBefore)
    } finally {
      await api.pool.query(sql.type(row<never>())`
        alter table audit_log drop constraint no_entries`)
    }
  })
})

test('an operation ends once: a late outcome changes nothing', async () => {
  const operations = createConnectionOperationQueries(api.pool)
  await operations.insert({
    ...{ operationId: 'operation_late', connectionId: 'default', workspaceId: 'default' },
    ...{ kind: 'test', lifeSeconds: 60 },
  })
  expect(await operations.fail('operation_late', 'scope_missing', 'first')).toBe(true)
  expect(await operations.succeed('operation_late')).toBe(false)
  expect(await operations.find('operation_late')).toMatchObject({
    ...{ state: 'failed', errorMessage: 'first' },
  })
})

describe('a connection that is deleted while a job is accepted', () => {
  const jobOf = (connectionId: string) => ({
    ...{ object: 'Account', operation: 'insert', connection_id: connectionId },
    records: [{ Name: 'Ada' }],
  })
  const addConnection = (connectionId: string) =>
    api.pool.query(sql.type(row<never>())`
      insert into connections (connection_id, workspace_id, name, flow)
      values (${connectionId}, 'default', 'Raced', 'jwt_bearer')`)
  /** Waits until somebody waits for this transaction. */
  const untilAwaited = (transaction: CommonQueryMethods) =>
    expect
      .poll(() =>
        transaction.oneFirst(sql.type(row<{ n: number }>())`
          select count(*) as n from pg_locks
          where not granted and transactionid = pg_current_xact_id()::xid`),
      )
      .toBe(1)

  test('stays, where the job was first', async () => {
    await addConnection('con_job_first')
    const deleting = await api.pool.transaction(async (transaction) => {
      expect(await createConnectionQueries(transaction).holdForJob('con_job_first')).toBe(true)
      await createBulkJobQueries(transaction).insertStaging({
        ...{ jobId: 'bulk_job_first', workspaceId: 'default', connectionId: 'con_job_first' },
        ...{ userId: null, operation: 'insert', objectType: 'Account', externalIdField: null },
        ...{ correlationField: null, retryOf: null, requestId: null, createdBy: null },
      })
      const answer = fetch(`${api.url}/v1/connections/con_job_first`, { method: 'DELETE' })
      await untilAwaited(transaction)
      return { answer }
    })
    expect(await (await deleting.answer).json()).toMatchObject({ code: 'connection_in_use' })
  })

  test('takes no job, where the deletion was first', async () => {
    await addConnection('con_deleted_first')
    const posting = await api.pool.transaction(async (transaction) => {
      const connections = createConnectionQueries(transaction)
      await connections.lockForRemoval('con_deleted_first')
      expect(await connections.countOpenJobs('con_deleted_first')).toBe(0)
      await connections.setDeleted('con_deleted_first')
      const answer = postJson(`${api.url}/v1/bulk-jobs`, jobOf('con_deleted_first'))
      await untilAwaited(transaction)
      return { answer }
    })
    expect(await (await posting.answer).json()).toMatchObject({ code: 'connection_not_found' })
    const jobs = await api.pool.oneFirst(sql.type(row<{ n: number }>())`
      select count(*) as n from salesforce_bulk_jobs where connection_id = 'con_deleted_first'`)
    expect(jobs).toBe(0)
  })
})
