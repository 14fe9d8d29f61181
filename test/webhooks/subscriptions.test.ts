import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AuditLogSchema } from '../../contracts/http/audit-log.ts'
import {
  LegacySubscribedSchema,
  LegacySubscriptionListSchema,
} from '../../contracts/http/legacy-webhooks.ts'
import { LegacyErrorSchema } from '../../contracts/http/problem.ts'
import {
  CreatedSubscriptionSchema,
  SubscriptionFoundSchema,
  SubscriptionListSchema,
  SubscriptionSchema,
} from '../../contracts/http/subscriptions.ts'
import { row } from '../../db/row-type.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { cacheDescribe, postJson, problemOf, startTestApi, type TestApi } from '../api/test-api.ts'
import { addWorkspace } from '../tenancy/two-workspaces.ts'
import { addDelivery, addEvent } from './webhook-rows.ts'

const HOOK = 'https://example.com/hooks'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

const call = (method: string, path: string, body?: unknown) =>
  fetch(`${api.url}${path}`, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  })

async function make(wanted: Record<string, unknown> = {}) {
  const answer = await call('POST', '/v1/subscriptions', {
    event_types: ['Account.*'],
    callback_url: HOOK,
    ...wanted,
  })
  expect(answer.status).toBe(201)
  return CreatedSubscriptionSchema.parse(await answer.json())
}

function patternsOf(id: string) {
  return api.pool.anyFirst(sql.type(row<{ pattern: string }>())`
    select pattern from webhook_subscription_patterns where subscription_id = ${id} order by 1`)
}

async function actionsOn(id: string) {
  const log = AuditLogSchema.parse(await (await call('GET', `/v1/audit-log?subject=${id}`)).json())
  const activities = await api.pool.anyFirst(sql.type(row<{ type: string }>())`
    select activity_type as type from salesforce_webhook_activity_log
    where details ->> 'subscription_id' = ${id} order by id desc`)
  expect(activities).toEqual(log.entries.map(({ action }) => action))
  return log.entries.map(({ action }) => action).reverse()
}

describe('a subscription', () => {
  test('is made with a secret that is shown once and stored sealed', async () => {
    const made = await make({ filter: { equals: { StageName: 'Won', Amount: 1 } }, user_id: 'ada' })
    expect(made.id).toMatch(/^webhook_account_[0-9a-f-]{36}$/)
    expect(made.secret).toMatch(/^whsec_/)
    expect(Buffer.from(made.secret.slice(6), 'base64')).toHaveLength(32)
    expect(made).toMatchObject({ status: 'active', concurrency: 10, ordering: 'none' })
    const text = await (await call('GET', `/v1/subscriptions/${made.id}`)).text()
    expect(text).not.toContain(made.secret.slice(6))
    const stored = await api.pool.oneFirst(sql.type(row<{ secret: Buffer }>())`
      select secret from salesforce_webhook_subscriptions where subscription_id = ${made.id}`)
    expect(stored.includes(made.secret.slice(6))).toBe(false)
    expect(await patternsOf(made.id)).toEqual(['account.*'])
    expect(await actionsOn(made.id)).toEqual(['subscription.created'])
  })

  test('has its patterns in small letters, each once', async () => {
    const made = await make({ event_types: ['Account.*', 'ACCOUNT.*', '*.*', 'bulk_job.failed'] })
    expect(await patternsOf(made.id)).toEqual(['*', 'account.*', 'bulk_job.failed'])
    expect(made.event_types).toEqual(['Account.*', 'ACCOUNT.*', '*.*', 'bulk_job.failed'])
    expect(made.id).toMatch(/^webhook_any_/)
  })

  test.each([
    ['Account.craeted', 'Account.created'],
    ['My_Thing__c.Updated', 'My_Thing__c.updated'],
    ['bulk_job.complete', 'bulk_job.completed'],
    ['endpoint.failed', 'endpoint.failing'],
    ['Acountupdated', 'Account.updated'],
  ])('of the unknown type %s is refused, and %s is named', async (given, meant) => {
    const answer = await call('POST', '/v1/subscriptions', {
      event_types: ['Account.created', given],
      callback_url: HOOK,
    })
    const problem = await problemOf(answer)
    expect(problem).toMatchObject({ status: 400, code: 'invalid_event' })
    expect(problem.detail).toContain(`Did you mean ${meant}?`)
  })

  test('of an object that Salesforce does not have is refused', async () => {
    await cacheDescribe(api.pool, 'Acount', null)
    const asked = { event_types: ['acount.updated'], callback_url: HOOK }
    const problem = await problemOf(await call('POST', '/v1/subscriptions', asked))
    expect(problem.code).toBe('invalid_event')
    expect(problem.detail).toContain('Did you mean Account.updated?')
  })

  test.each([
    ['http://example.com/x', 'https://'],
    ['https://ada:secret@example.com/', 'no user name'],
    ['https://127.0.0.1/', 'public address'],
    ['https://localhost/', 'public DNS'],
    ['not a url', 'absolute URL'],
  ])('may not lead to %s', async (url, why) => {
    const asked = { event_types: ['*'], callback_url: url }
    const problem = await problemOf(await call('POST', '/v1/subscriptions', asked))
    expect(problem).toMatchObject({ status: 422, code: 'invalid_callback_url' })
    expect(problem.detail).toContain(why)
    expect(problem.detail).not.toContain('secret')
  })

  test.each([
    [{ event_types: [] }, 'event_types'],
    [{ event_types: Array.from({ length: 101 }, () => '*') }, 'event_types'],
    [{ filter: { changed_fields: ['a b'] } }, 'filter.changed_fields.0'],
    [{ filter: { equals: { 'a b': 1 } } }, 'filter.equals'],
    [{ filter: { equals: { A: 'nul\0' } } }, 'filter.equals.A'],
    [{ filter: { equal: {} } }, 'equal'],
    [{ concurrency: 0 }, 'concurrency'],
    [{ rate_per_second: 0 }, 'rate_per_second'],
    [{ ordering: 'object' }, 'ordering'],
    [{ description: 'a\nb' }, 'description'],
    [{ callback_ur: 'x' }, 'callback_ur'],
  ])('with %j is refused by name', async (wrong, field) => {
    const asked = { event_types: ['*'], callback_url: HOOK, ...wrong }
    const problem = await problemOf(await call('POST', '/v1/subscriptions', asked))
    expect(problem.status).toBe(400)
    expect(problem.detail).toContain(field)
  })

  test('is made once for an Idempotency-Key', async () => {
    const asked = { event_types: ['Lead.*'], callback_url: HOOK }
    const ask = (key: string, body: object) =>
      postJson(`${api.url}/v1/subscriptions`, body, { 'idempotency-key': key })
    const [first, second] = await Promise.all([ask('one', asked), ask('one', asked)])
    const [a, b] = [
      CreatedSubscriptionSchema.parse(await first.json()),
      CreatedSubscriptionSchema.parse(await second.json()),
    ]
    expect(a).toEqual(b)
    expect(
      [first, second].map((answer) => answer.headers.get('idempotency-replayed')).sort(),
    ).toEqual([null, 'true'])
    const other = await problemOf(await ask('one', { ...asked, concurrency: 2 }))
    expect(other.code).toBe('idempotency_key_reused')
  })

  test('changes in what is named, and nothing else', async () => {
    const made = await make({ description: 'before', rate_per_second: 5 })
    const answer = await call('PATCH', `/v1/subscriptions/${made.id}`, {
      event_types: ['Contact.deleted'],
      filter: { changed_fields: ['Email'] },
      rate_per_second: null,
    })
    const changed = SubscriptionSchema.parse(await answer.json())
    expect(changed).toMatchObject({
      event_types: ['Contact.deleted'],
      object_type: 'Contact',
      filter: { changed_fields: ['Email'] },
      rate_per_second: null,
      description: 'before',
      callback_url: HOOK,
    })
    expect(await patternsOf(made.id)).toEqual(['contact.deleted'])
    const cleared = await call('PATCH', `/v1/subscriptions/${made.id}`, { filter: null })
    expect(SubscriptionSchema.parse(await cleared.json()).filter).toBeNull()
    const refused = await call('PATCH', `/v1/subscriptions/${made.id}`, { event_types: ['x'] })
    expect((await problemOf(refused)).code).toBe('invalid_event')
    expect(await patternsOf(made.id)).toEqual(['contact.deleted'])
  })

  test('pauses for a reason, and resumes', async () => {
    const made = await make()
    const paused = SubscriptionSchema.parse(
      await (
        await call('POST', `/v1/subscriptions/${made.id}/pause`, { reason: 'until noon' })
      ).json(),
    )
    expect(paused).toMatchObject({ status: 'paused', state_reason: 'until noon' })
    expect(await isActive(made.id)).toBe(false)
    api.temporal.pumped.length = 0
    const resumed = await call('POST', `/v1/subscriptions/${made.id}/resume`)
    expect(SubscriptionSchema.parse(await resumed.json())).toMatchObject({
      status: 'active',
      state_reason: null,
      status_since: null,
    })
    expect(await isActive(made.id)).toBe(true)
    expect(api.temporal.pumped).toHaveLength(1)
    // An endpoint in trouble is tried at once.
    expect(api.temporal.woken).toContain(made.id)
    expect(await actionsOn(made.id)).toEqual([
      'subscription.created',
      'subscription.paused',
      'subscription.resumed',
    ])
  })

  test('that was disabled begins anew when it is resumed', async () => {
    const made = await make()
    await api.pool.query(sql.type(row<never>())`
      update salesforce_webhook_subscriptions set disabled_at = now(), state_reason = 'gone'
      where subscription_id = ${made.id}`)
    await api.pool.query(sql.type(row<never>())`
      insert into webhook_endpoints (subscription_id, workspace_id, shard, consecutive_failures, first_failure_at,
        troubled_at, held_until)
      values (${made.id}, 'default', 0, 9, now() - interval '6 days', now(), now() + interval '1 day')`)
    const found = await call('GET', `/v1/subscriptions/${made.id}`)
    expect(SubscriptionFoundSchema.parse(await found.json())).toMatchObject({
      status: 'disabled',
      state_reason: 'gone',
      endpoint: { consecutive_failures: 9 },
    })
    await call('POST', `/v1/subscriptions/${made.id}/resume`)
    const again = await call('GET', `/v1/subscriptions/${made.id}`)
    expect(SubscriptionFoundSchema.parse(await again.json())).toMatchObject({
      status: 'active',
      endpoint: { consecutive_failures: 0, held_until: null, in_trouble_since: null },
    })
  })

  test('gets a new secret, and the old one goes on for a while', async () => {
    const made = await make()
    const answer = await call('POST', `/v1/subscriptions/${made.id}/rotate-secret`, {
      overlap_seconds: 60,
    })
    const rotated = CreatedSubscriptionSchema.parse(await answer.json())
    expect(rotated.secret).not.toBe(made.secret)
    const left = Date.parse(rotated.secret_overlap_ends_at ?? '') - Date.now()
    expect(left).toBeGreaterThan(50_000)
    expect(left).toBeLessThanOrEqual(60_000)
    const stored = await api.pool.one(
      sql.type(row<{ secret: Buffer; previous_secret: Buffer }>())`
      select secret, previous_secret from salesforce_webhook_subscriptions
      where subscription_id = ${made.id}`,
    )
    const sealing = createSealing([deriveSealingKey('a key for tests, long enough to be one')])
    const open = (column: 'secret' | 'previous_secret') =>
      sealing
        .openSecret(`salesforce_webhook_subscriptions/${made.id}/${column}`, stored[column])
        .toString()
    expect([open('secret'), open('previous_secret')]).toEqual([rotated.secret, made.secret])
    const atOnce = await call('POST', `/v1/subscriptions/${made.id}/rotate-secret`, {
      overlap_seconds: 0,
    })
    expect(CreatedSubscriptionSchema.parse(await atOnce.json()).secret_overlap_ends_at).toBeNull()
  })

  test('tells how its endpoint fares', async () => {
    const made = await make()
    const event = await addEvent(api.pool)
    for (const [index, error] of [null, null, null, 'timeout'].entries()) {
      await addDelivery(api.pool, event, made.id, {
        state: error === null ? 'delivered' : 'pending',
        attempts: [{ error, durationMs: (index + 1) * 10 }],
      })
    }
    const found = await call('GET', `/v1/subscriptions/${made.id}`)
    expect(SubscriptionFoundSchema.parse(await found.json()).endpoint).toMatchObject({
      attempts: 4,
      success_rate: 0.75,
      p50_ms: 20,
      p95_ms: 40,
      pending_deliveries: 1,
      more_pending: false,
      reason: null,
    })
  })

  test('is gone when it is deleted, and its pump is told', async () => {
    const made = await make()
    api.temporal.pumped.length = 0
    expect((await call('DELETE', `/v1/subscriptions/${made.id}`)).status).toBe(200)
    for (const path of ['', '/pause', '/resume', '/rotate-secret'].map(
      (end) => `/v1/subscriptions/${made.id}${end}`,
    )) {
      const method = path.endsWith(made.id) ? 'GET' : 'POST'
      const answer = await call(method, path, method === 'POST' ? {} : undefined)
      expect((await problemOf(answer)).code, path).toBe('subscription_not_found')
    }
    expect(await patternsOf(made.id)).toEqual([])
    expect(api.temporal.pumped).toHaveLength(1)
  })

  test("another tenant's connection is not there", async () => {
    await addWorkspace(api.pool, 'other')
    const asked = { event_types: ['*'], callback_url: HOOK, connection_id: 'connection-of-other' }
    const problem = await problemOf(await call('POST', '/v1/subscriptions', asked))
    expect(problem.code).toBe('connection_not_found')
  })

  test('of a user who has a connection gets the events of that one', async () => {
    await api.pool.query(sql.type(row<never>())`
      update connections set user_id = 'grace' where connection_id = 'default'`)
    expect((await make({ user_id: 'grace' })).connection_id).toBe('default')
    expect((await make({ user_id: 'nobody' })).connection_id).toBeNull()
  })
})

function isActive(id: string) {
  return api.pool.oneFirst(sql.type(row<{ active: boolean }>())`
    select active from salesforce_webhook_subscriptions where subscription_id = ${id}`)
}

test('lists go on where the page ended, newest first, and by status', async () => {
  const made = []
  for (let index = 0; index < 5; index += 1) made.push((await make({ user_id: 'pager' })).id)
  const seen: string[] = []
  let cursor = ''
  do {
    const answer = await call('GET', `/v1/subscriptions?user_id=pager&limit=2${cursor}`)
    const page = SubscriptionListSchema.parse(await answer.json())
    seen.push(...page.subscriptions.map(({ id }) => id))
    cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`
  } while (cursor !== '')
  expect(seen).toEqual(made.reverse())
  await call('POST', `/v1/subscriptions/${seen[0]}/pause`, {})
  const paused = await call('GET', '/v1/subscriptions?user_id=pager&status=paused')
  const listed = SubscriptionListSchema.parse(await paused.json())
  expect(listed.subscriptions.map(({ id }) => id)).toEqual([seen[0]])
  const wrong = await call('GET', '/v1/subscriptions?cursor=x')
  expect((await problemOf(wrong)).code).toBe('invalid_cursor')
})

test('a workspace has a limit, also where many come at once', async () => {
  const bounded = await startTestApi({ mostSubscriptions: 3 })
  try {
    const asked = { event_types: ['*'], callback_url: HOOK }
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => postJson(`${bounded.url}/v1/subscriptions`, asked)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409, 409, 409])
    for (const answer of answers.filter(({ status }) => status === 409)) {
      expect((await problemOf(answer)).code).toBe('too_many_subscriptions')
    }
  } finally {
    await bounded.stop()
  }
})

test('without an encryption key there is no secret, and so no subscription', async () => {
  const keyless = await startTestApi({}, undefined, {}, createSealing([]))
  try {
    const asked = { event_types: ['*'], callback_url: HOOK }
    const problem = await problemOf(await postJson(`${keyless.url}/v1/subscriptions`, asked))
    expect(problem).toMatchObject({ status: 409, code: 'encryption_key_required' })
  } finally {
    await keyless.stop()
  }
})

describe('callers of the replaced service', () => {
  const subscribe = (body: object) => call('POST', '/api/salesforce/webhooks/subscribe', body)
  const wanted = {
    ...{ user_id: 'linus', object_type: 'Account', callback_url: HOOK },
    events: ['Account.created', 'Account.updated'],
  }

  test('subscribe, list and unsubscribe as ever', async () => {
    const answer = await subscribe(wanted)
    expect(answer.status).toBe(201)
    const made = LegacySubscribedSchema.parse(await answer.json())
    expect(made).toMatchObject({ ok: true, object_type: 'Account', active: true })
    expect(made.subscription_id).toMatch(/^webhook_account_/)
    expect(made.secret).toMatch(/^whsec_/)
    const { ok: _ok, data, ...flat } = made
    expect(flat).toEqual(data)
    const second = LegacySubscribedSchema.parse(
      await (await subscribe({ ...wanted, active: false })).json(),
    )
    expect(second.active).toBe(false)

    const list = async () =>
      LegacySubscriptionListSchema.parse(
        await (await call('GET', '/api/salesforce/webhooks/subscriptions?user_id=linus')).json(),
      )
    const listed = await list()
    expect(listed.subscriptions.map((each) => each.subscription_id)).toEqual([
      second.subscription_id,
      made.subscription_id,
    ])
    expect(listed.count).toBe(2)
    for (let time = 0; time < 2; time += 1) {
      const gone = await call('DELETE', `/api/salesforce/webhooks/${made.subscription_id}`)
      expect(gone.status).toBe(200)
      expect(await gone.json()).toMatchObject({ ok: true, subscription_id: made.subscription_id })
    }
    expect((await list()).count).toBe(1)
    expect(await isActive(made.subscription_id)).toBe(false)
  })

  test('get events of their own org, and otherwise of the default one, never of all', async () => {
    await api.pool.query(sql.type(row<never>())`
      insert into connections (connection_id, workspace_id, name, user_id)
      values ('connection-of-hopper', 'default', 'Hers', 'hopper')`)
    const connectionOf = async (user_id: string) => {
      const made = LegacySubscribedSchema.parse(
        await (await subscribe({ ...wanted, user_id })).json(),
      )
      return api.pool.oneFirst(sql.type(row<{ id: string | null }>())`
        select connection_id as id from salesforce_webhook_subscriptions
        where subscription_id = ${made.subscription_id}`)
    }
    expect(await connectionOf('hopper')).toBe('connection-of-hopper')
    expect(await connectionOf('somebody-else')).toBe('default')
    // As for jobs: where there is no connection at all, there is nothing to be told of.
    const unset = (is_default: boolean) =>
      api.pool.query(sql.type(row<never>())`
        update connections set is_default = ${is_default} where connection_id = 'default'`)
    await unset(false)
    try {
      const answer = await subscribe({ ...wanted, user_id: 'somebody-else' })
      expect(answer.status).toBe(400)
      expect(LegacyErrorSchema.parse(await answer.json()).error).toBe('authentication_failed')
    } finally {
      await unset(true)
    }
  })

  test('may use any object', async () => {
    const asked = { ...wanted, object_type: 'My_Thing__c', events: ['My_Thing__c.undeleted'] }
    expect((await subscribe(asked)).status).toBe(201)
  })

  test.each([
    [{ user_id: undefined }, 'missing_required_field', 'user_id'],
    [{ events: [] }, 'missing_required_field', 'events'],
    [{ callback_url: '' }, 'missing_required_field', 'callback_url'],
    [{ events: ['Account.renamed'] }, 'invalid_event', 'Account.renamed'],
    [{ events: ['created'] }, 'invalid_event', 'Account.created'],
    [{ events: 'Account.created' }, 'invalid_event', 'array'],
    [{ callback_url: 'https://10.0.0.1/' }, 'webhook_creation_failed', 'public'],
    [{ active: 'yes' }, 'bad_request', 'active'],
  ])('are told of %j by the code that they know', async (wrong, code, what) => {
    const answer = await subscribe({ ...wanted, ...wrong })
    expect(answer.status).toBe(400)
    const error = LegacyErrorSchema.parse(await answer.json())
    expect(error.error).toBe(code)
    expect(error.message).toContain(what)
  })

  test('must say whose subscriptions they mean', async () => {
    const answer = await call('GET', '/api/salesforce/webhooks/subscriptions')
    expect(answer.status).toBe(400)
    expect(LegacyErrorSchema.parse(await answer.json()).error).toBe('missing_user_id')
  })
})
