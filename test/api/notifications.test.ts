import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ChannelListSchema,
  ChannelSchema,
  MessageItemListSchema,
  MessageListSchema,
  MessageSchema,
  RuleListSchema,
  RuleSchema,
} from '../../contracts/http/notifications.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import {
  channelUrlContext,
  createNotificationChannelQueries,
} from '../../db/notification-channels.ts'
import { createNotificationItemQueries } from '../../db/notification-items.ts'
import { createNotificationMessageQueries } from '../../db/notification-messages.ts'
import { row } from '../../db/row-type.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { postJson, problemOf, startTestApi, type TestApi } from './test-api.ts'

const SLACK = 'https://hooks.slack.com/services/T000/B000/secretsecretABCD'
const DISCORD = 'https://discord.com/api/webhooks/123456/secret-secret_WXYZ'
const CHANNELS = '/v1/notification-channels'
const RULES = '/v1/notification-rules'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

const post = (path: string, body: unknown) => postJson(api.url + path, body)
const get = (path: string) => fetch(api.url + path)

function patch(path: string, body: unknown) {
  const headers = { 'content-type': 'application/json' }
  return fetch(api.url + path, { method: 'PATCH', headers, body: JSON.stringify(body) })
}

async function addChannel(body: object = { kind: 'slack', name: 'Sales', url: SLACK }) {
  const response = await post(CHANNELS, body)
  expect(response.status).toBe(201)
  return ChannelSchema.parse(await response.json())
}

async function actionsOn(subject: string): Promise<readonly string[]> {
  return api.pool.anyFirst(sql.type(row<{ action: string }>())`
    select action from audit_log where subject = ${subject} order by entry_id`)
}

describe('channels', () => {
  test('are made, shown without their URL, changed and deleted; all of it is in the audit log', async () => {
    const made = await post(CHANNELS, { kind: 'discord', name: 'Deals', url: DISCORD })
    const text = await made.text()
    expect(text).not.toContain('secret')
    const channel = ChannelSchema.parse(JSON.parse(text))
    expect(channel).toMatchObject({
      ...{ kind: 'discord', name: 'Deals', url_hint: 'discord.com/…WXYZ', origin: 'api' },
      ...{ status: 'active', status_reason: null },
    })
    const at = made.headers.get('location') ?? ''
    expect(await (await get(at)).json()).toEqual(channel)

    const sealed = await createNotificationChannelQueries(api.pool).sealedUrl(channel.id)
    const key = deriveSealingKey('a key for tests, long enough to be one')
    const opened = createSealing([key]).openSecret(
      channelUrlContext(channel.id),
      sealed ?? Buffer.alloc(0),
    )
    expect(opened.toString()).toBe(DISCORD)

    const disabled = ChannelSchema.parse(
      await (await patch(at, { name: 'Old deals', status: 'disabled' })).json(),
    )
    expect(disabled).toMatchObject({ name: 'Old deals', status: 'disabled' })
    const enabled = ChannelSchema.parse(await (await patch(at, { status: 'active' })).json())
    expect(enabled).toMatchObject({ status: 'active', status_reason: null, disabled_at: null })
    expect(api.temporal.woken).toContain(channel.id)

    const list = ChannelListSchema.parse(await (await get(`${CHANNELS}?limit=1`)).json())
    expect(list.channels.map(({ id }) => id)).toEqual([channel.id])
    expect(await (await fetch(api.url + at, { method: 'DELETE' })).json()).toEqual({
      ...{ id: channel.id, deleted: true },
    })
    expect((await problemOf(await get(at))).code).toBe('channel_not_found')
    expect(await actionsOn(channel.id)).toEqual([
      'notification_channel.created',
      'notification_channel.changed',
      'notification_channel.changed',
      'notification_channel.deleted',
    ])
    const details = await api.pool.anyFirst(sql.type(row<{ details: string }>())`
      select details::text as details from audit_log where subject = ${channel.id}`)
    expect(details.join()).not.toContain('secret')
    expect(JSON.stringify(api.logged)).not.toContain('secretsecret')
  })

  test.each([
    ['another platform’s', { kind: 'slack', name: 'x', url: DISCORD }],
    [
      'a private address',
      { kind: 'discord', name: 'x', url: 'https://127.0.0.1/api/webhooks/1/x' },
    ],
    ['no TLS', { kind: 'slack', name: 'x', url: SLACK.replace('https', 'http') }],
    ['a name and password', { kind: 'slack', name: 'x', url: SLACK.replace('//', '//a:secret@') }],
    ['no URL', { kind: 'slack', name: 'x', url: 'secret' }],
  ])('whose URL is %s are refused, and it is not repeated', async (_, body) => {
    const response = await post(CHANNELS, body)
    const text = await response.clone().text()
    const problem = await problemOf(response)
    expect(problem).toMatchObject({ status: 422, code: 'invalid_channel_url' })
    expect(problem.detail).toMatch(/^The field url: /)
    expect(text).not.toContain('secret')
    expect(text).not.toContain('127.0.0.1')
  })

  test.each([
    [{ kind: 'teams', name: 'x', url: SLACK }, 'invalid_request', 'kind'],
    [{ kind: 'slack', url: SLACK }, 'missing_required_field', 'name'],
    [{ kind: 'slack', name: 'a\u0000b', url: SLACK }, 'invalid_request', 'name'],
    [{ kind: 'slack', name: 'x', uri: SLACK }, 'missing_required_field', 'url'],
    [{ kind: 'slack', name: 'x', url: SLACK, nmae: 'x' }, 'unknown_parameter', 'name'],
  ])('with a wrong body are refused: %j', async (body, code, field) => {
    const problem = await problemOf(await post(CHANNELS, body))
    expect(problem.code).toBe(code)
    expect(problem.detail).toContain(field)
  })

  test('a new URL enables one whose old one was refused, and not one that a person disabled', async () => {
    const channels = createNotificationChannelQueries(api.pool)
    const refused = await addChannel()
    await channels.disable(refused.id, 'answer', 'Slack refuses it: 404 no_service')
    const changed = await patch(`${CHANNELS}/${refused.id}`, { url: SLACK.replace('ABCD', 'EFGH') })
    expect(await changed.json()).toMatchObject({
      status: 'active',
      url_hint: 'hooks.slack.com/…EFGH',
    })
    const off = await addChannel()
    await patch(`${CHANNELS}/${off.id}`, { status: 'disabled' })
    expect(await (await patch(`${CHANNELS}/${off.id}`, { url: SLACK })).json()).toMatchObject({
      ...{ status: 'disabled', status_reason: 'Disabled by a person.' },
    })
  })

  test('the environment’s is neither given another URL nor deleted, but may be disabled', async () => {
    const id = 'channel_environment_slack'
    await createNotificationChannelQueries(api.pool).insert({
      ...{ channelId: id, workspaceId: DEFAULT_WORKSPACE_ID, kind: 'slack', name: 'Slack' },
      ...{ origin: 'environment', url: null, urlHint: 'hooks.slack.com/…', urlDigest: 'x' },
      createdBy: null,
    })
    const at = `${CHANNELS}/${id}`
    for (const refused of [
      await patch(at, { url: SLACK }),
      await fetch(api.url + at, { method: 'DELETE' }),
    ]) {
      const problem = await problemOf(refused)
      expect(problem.code).toBe('channel_of_environment')
      expect(problem.detail).toContain('SALESFORCE_SLACK_WEBHOOK_URL')
    }
    expect(await (await patch(at, { status: 'disabled' })).json()).toMatchObject({
      status: 'disabled',
    })
  })

  test('without a key nothing secret is stored', async () => {
    const open = await startTestApi({}, undefined, {}, createSealing([]))
    try {
      const response = await postJson(open.url + CHANNELS, { kind: 'slack', name: 'x', url: SLACK })
      expect((await problemOf(response)).code).toBe('encryption_key_required')
    } finally {
      await open.stop()
    }
  })
})

describe('a test message', () => {
  test('is one that the workflow sends; the answer says what became of it', async () => {
    const { id } = await addChannel()
    api.temporal.onWakeChannel = async () => {
      const messages = createNotificationMessageQueries(api.pool)
      const pending = await messages.firstPending(id)
      await messages.succeed(pending?.messageId ?? '', 200, null)
    }
    const response = await post(`${CHANNELS}/${id}/test`, {})
    expect(response.status).toBe(200)
    const message = MessageSchema.parse(await response.json())
    expect(message).toMatchObject({ cause: 'test', state: 'sent', events: 0, last_status: 200 })
    expect(await (await get(`/v1/notification-messages/${message.id}`)).json()).toEqual(message)
    expect(await actionsOn(id)).toContain('notification_channel.tested')
  })

  test('that takes long is still under way', async () => {
    const { id } = await addChannel()
    api.temporal.onWakeChannel = async () => {}
    const response = await post(`${CHANNELS}/${id}/test`, {})
    expect(response.status).toBe(202)
    expect(await response.json()).toMatchObject({ state: 'pending' })
  })

  test('is not sent later where Temporal is away', async () => {
    const { id } = await addChannel()
    api.temporal.isDown = true
    try {
      const response = await post(`${CHANNELS}/${id}/test`, {})
      expect((await problemOf(response)).code).toBe('service_unavailable')
    } finally {
      api.temporal.isDown = false
    }
    expect(await createNotificationMessageQueries(api.pool).firstPending(id)).toBeNull()
  })

  test('of a disabled channel is refused', async () => {
    const { id } = await addChannel()
    await patch(`${CHANNELS}/${id}`, { status: 'disabled' })
    expect((await problemOf(await post(`${CHANNELS}/${id}/test`, {}))).code).toBe(
      'channel_disabled',
    )
  })
})

describe('rules', () => {
  test('are made, changed, listed and deleted', async () => {
    const { id } = await addChannel()
    const filter = { changed_fields: ['StageName'], equals: { 'Owner.Name': 'Ada', IsWon: true } }
    const made = await post(RULES, {
      ...{ channel_id: id, name: 'Deals', event_types: ['Opportunity.updated', 'bulk_job.*'] },
      ...{ filter, minimum_severity: 'warning' },
    })
    expect(made.status).toBe(201)
    const rule = RuleSchema.parse(await made.json())
    expect(rule).toMatchObject({ channel_id: id, filter, minimum_severity: 'warning' })
    const at = made.headers.get('location') ?? ''
    const changed = RuleSchema.parse(
      await (
        await patch(at, { event_types: ['*'], filter: null, minimum_severity: 'info' })
      ).json(),
    )
    expect(changed).toMatchObject({
      ...{ name: 'Deals', event_types: ['*'], filter: null, minimum_severity: 'info' },
    })
    const list = RuleListSchema.parse(await (await get(RULES)).json())
    expect(list.rules.map((each) => each.id)).toContain(rule.id)
    expect((await fetch(api.url + at, { method: 'DELETE' })).status).toBe(200)
    expect((await problemOf(await get(at))).code).toBe('rule_not_found')
    expect(await actionsOn(rule.id)).toEqual([
      'notification_rule.created',
      'notification_rule.changed',
      'notification_rule.deleted',
    ])
  })

  test('go with their channel', async () => {
    const { id } = await addChannel()
    const body = { channel_id: id, name: 'All', event_types: ['*'] }
    const { id: ruleId } = RuleSchema.parse(await (await post(RULES, body)).json())
    await fetch(`${api.url}${CHANNELS}/${id}`, { method: 'DELETE' })
    expect((await get(`${RULES}/${ruleId}`)).status).toBe(404)
  })

  test('of an unknown event type are refused, naming the nearest', async () => {
    const { id } = await addChannel()
    const body = { channel_id: id, name: 'x', event_types: ['bulk_job.faild'] }
    const problem = await problemOf(await post(RULES, body))
    expect(problem).toMatchObject({ code: 'invalid_event' })
    expect(problem.detail).toContain('bulk_job.failed')
  })

  test('of a channel that does not exist are refused', async () => {
    const body = { channel_id: 'channel_of_nobody', name: 'x', event_types: ['*'] }
    expect((await problemOf(await post(RULES, body))).code).toBe('channel_not_found')
  })
})

test('messages are paged, and so is all that they tell of', async () => {
  const { id } = await addChannel()
  const owner = { channelId: id, workspaceId: DEFAULT_WORKSPACE_ID }
  const messages = createNotificationMessageQueries(api.pool)
  for (const number of [1, 2, 3]) {
    await messages.insert({ ...owner, messageId: `message_${id}_${number}`, cause: 'digest' })
  }
  const items = createNotificationItemQueries(api.pool)
  await items.queue(
    DEFAULT_WORKSPACE_ID,
    ['evt_a', 'evt_b', 'evt_c'].map((eventId) => ({
      ...{ channelId: id, ruleId: 'rule', eventId, eventType: 'Account.updated', severity: 0 },
      ...{ objectType: 'Account', objectId: '001', facts: {}, occurredAt: new Date(0) },
    })),
  )
  expect(await items.take(id, `message_${id}_1`, 10)).toBe(3)

  const at = `${CHANNELS}/${id}/messages?limit=2`
  const first = MessageListSchema.parse(await (await get(at)).json())
  expect(first.messages.map((each) => each.id.slice(-1))).toEqual(['3', '2'])
  const second = MessageListSchema.parse(
    await (await get(`${at}&cursor=${first.next_cursor}`)).json(),
  )
  expect(second).toMatchObject({ next_cursor: null, messages: [{ id: `message_${id}_1` }] })

  const told = `/v1/notification-messages/message_${id}_1/items?limit=2`
  const some = MessageItemListSchema.parse(await (await get(told)).json())
  expect(some.items.map((each) => each.event_id)).toEqual(['evt_a', 'evt_b'])
  const rest = MessageItemListSchema.parse(
    await (await get(`${told}&cursor=${some.next_cursor}`)).json(),
  )
  expect(rest.items).toEqual([
    {
      ...{ event_id: 'evt_c', event_type: 'Account.updated', object: 'Account', object_id: '001' },
      ...{ severity: 'info', occurred_at: '1970-01-01T00:00:00.000Z' },
    },
  ])
  const bad = await problemOf(await get(`${CHANNELS}/${id}/messages?cursor=x`))
  expect(bad.code).toBe('invalid_cursor')
})
