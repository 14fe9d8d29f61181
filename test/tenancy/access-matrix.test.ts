import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openApiDocument } from '../../api/openapi/document.ts'
import { objectFixture } from '../../bulk/describe-fixture.ts'
import { ROLE_SCOPES, SCOPES, type Scope } from '../../contracts/access.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createBulkQueryQueries } from '../../db/bulk-queries.ts'
import { createDescribeCacheQueries } from '../../db/describe-cache.ts'
import { createNotificationChannelQueries } from '../../db/notification-channels.ts'
import { createNotificationMessageQueries } from '../../db/notification-messages.ts'
import { createNotificationRuleQueries } from '../../db/notification-rules.ts'
import { row } from '../../db/row-type.ts'
import { createWebhookReplayQueries } from '../../db/webhook-replays.ts'
import { cacheDescribe, startTestApi, type TestApi } from '../api/test-api.ts'
import { listObjects, summaryFixture } from '../metadata/metadata-setup.ts'
import { addDelivery, addEvent } from '../webhooks/webhook-rows.ts'
import { addApiKey } from './add-api-key.ts'
import { addWorkspace } from './two-workspaces.ts'

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

interface Operation {
  readonly method: string
  readonly path: string
  /** `null` where no key is needed, `any` where any key does. */
  readonly scope: Scope | 'any' | null
  readonly parameters: readonly string[]
  /** A body that is right, where the document has one. */
  readonly example: unknown
}

const operationSchema = z.looseObject({
  security: z.array(z.unknown()),
  'x-required-scope': z.enum(SCOPES).optional(),
  requestBody: z
    .object({
      content: z.looseObject({
        // A form has another type; only public routes take one.
        'application/json': z.looseObject({ example: z.unknown().optional() }).optional(),
      }),
    })
    .optional(),
})

/** Every operation that the document has, so that a new route is in the matrix by itself. */
const OPERATIONS: readonly Operation[] = Object.entries(openApiDocument().paths ?? {}).flatMap(
  ([path, item]) =>
    METHODS.flatMap((method) => {
      if (item[method] === undefined) return []
      const operation = operationSchema.parse(item[method])
      return {
        method: method.toUpperCase(),
        path,
        scope: operation.security.length === 0 ? null : (operation['x-required-scope'] ?? 'any'),
        example: operation.requestBody?.content['application/json']?.example ?? {},
        parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''),
      }
    }),
)
const GUARDED = OPERATIONS.filter((operation) => operation.scope !== null)
const label = ({ method, path }: Operation) => `${method} ${path}`
/** Callers of the replaced service count on 200 also for what is not there. */
const ALWAYS_200 = 'DELETE /api/salesforce/webhooks/{subscriptionId}'
/** Names of Salesforce objects, which belong to no tenant. */
const NO_IDS: ReadonlySet<string> = new Set(['name'])
const NAMED = GUARDED.filter(
  (operation) =>
    operation.parameters.some((name) => !NO_IDS.has(name)) && label(operation) !== ALWAYS_200,
)

let api: TestApi
let stranger: string
let expired: string
let revoked: string
/** Ids of the other tenant, by the name of the path's parameter. */
let foreignIds: Readonly<Record<string, string>>
beforeAll(async () => {
  // Far more keys are shown here that do not hold than one address may.
  api = await startTestApi({ keysRequired: true, unknownKeyLimit: 1_000_000 })
  await addWorkspace(api.pool, 'other')
  stranger = await addApiKey(api.pool, { role: 'admin' })
  expired = await addApiKey(api.pool, { role: 'admin', expiresAt: new Date(Date.now() - 1_000) })
  revoked = await addApiKey(api.pool, { role: 'admin', name: 'revoked' })
  await api.pool.query(sql.type(row<never>())`
    update api_keys set revoked_at = now() where name = 'revoked'`)
  await addApiKey(api.pool, { role: 'admin', workspaceId: 'other' })
  const keyId = await api.pool.oneFirst(sql.type(row<{ key_id: string }>())`
    select key_id from api_keys where workspace_id = 'other'`)
  const jobId = 'bulk_job_account_insert_of_the_other'
  const jobs = createBulkJobQueries(api.pool)
  await jobs.insertStaging({
    ...{ jobId, workspaceId: 'other', connectionId: 'connection-of-other', userId: 'ada' },
    ...{ operation: 'insert', objectType: 'Account', externalIdField: null },
    ...{ correlationField: null, retryOf: null, requestId: null, createdBy: null },
  })
  await jobs.finishStaging(jobId, { columns: ['Name'], checked: true })
  const ofOther = { workspaceId: 'other', createdBy: null }
  const [channelId, ruleId, messageId] = ['channel_of_other', 'rule_of_other', 'message_of_other']
  await createNotificationChannelQueries(api.pool).insert({
    ...{ ...ofOther, channelId, kind: 'slack', name: 'Theirs', origin: 'environment' },
    ...{ url: null, urlHint: 'hooks.slack.com/…', urlDigest: null },
  })
  await createNotificationRuleQueries(api.pool).insert({
    ...{ ...ofOther, ruleId, channelId, name: 'Theirs', events: ['*'], filter: null },
    minimumSeverity: 'info',
  })
  await createNotificationMessageQueries(api.pool).insert({
    ...{ ...ofOther, messageId, channelId, cause: 'test' },
  })
  foreignIds = {
    ...{ jobId, keyId, connectionId: 'connection-of-other' },
    ...{ channelId, ruleId, messageId },
    ...(await addWebhooksOf('other')),
    objectName: await addObjectOf('other'),
    queryId: await addQueryOf('other'),
  }
})
afterAll(() => api.stop())

async function addQueryOf(workspaceId: string): Promise<string> {
  const queryId = 'query_of_the_other'
  await createBulkQueryQueries(api.pool).insert({
    ...{ queryId, workspaceId, connectionId: 'connection-of-other', objectType: 'Account' },
    ...{ request: Buffer.alloc(1), includeDeleted: false, createdBy: null, requestId: null },
  })
  return queryId
}

/** An object that the org of a tenant has, and that of the caller has not; the caller's has another one. */
async function addObjectOf(workspaceId: string): Promise<string> {
  const name = 'Thing_of_the_other__c'
  const theirs = { workspaceId, connectionId: `connection-of-${workspaceId}` }
  await listObjects(api.pool, [summaryFixture(name)], theirs)
  const describe = objectFixture([], { name })
  await createDescribeCacheQueries(api.pool).put({
    ...{ ...theirs, objectType: name, describe, lastModified: null, ttlSeconds: 3_600 },
  })
  await listObjects(api.pool, [summaryFixture('Invoice__c')])
  // Salesforce was asked.
  for (const missing of [name, 'bulk_job_of_nobody']) await cacheDescribe(api.pool, missing, null)
  return name
}

/** A subscription of a tenant with an event, its delivery and a replay. */
async function addWebhooksOf(workspaceId: string) {
  const subscriptionId = 'webhook_account_of_the_other'
  await api.pool.query(sql.type(row<never>())`
    insert into salesforce_webhook_subscriptions (subscription_id, workspace_id, user_id, object_type, events,
      callback_url, secret, shard)
    values (${subscriptionId}, ${workspaceId}, 'ada', 'Account', '["*"]', 'https://example.com/', '', 0)`)
  const event = await addEvent(api.pool, { workspaceId, position: 1 })
  const { deliveryId } = await addDelivery(api.pool, event, subscriptionId, { state: 'failed' })
  const replayId = 'rpl_of_the_other'
  await createWebhookReplayQueries(api.pool).insert({
    ...{ replayId, workspaceId, kind: 'failed', subscriptionId, eventId: null },
    ...{ since: new Date(0), until: null, createdBy: null },
  })
  return { subscriptionId, eventId: event.eventId, deliveryId, replayId }
}

async function call(
  { method, path, parameters, example }: Operation,
  key: string | null,
  ids: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const at = parameters.reduce(
    (text, name) => text.replace(`{${name}}`, ids[name] ?? 'bulk_job_of_nobody'),
    path,
  )
  const query = /\/custom-objects\/.+\/metadata$/.test(at) ? '?user_id=ada' : ''
  const answer = await fetch(`${api.url}${at}${query}`, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(method === 'GET' || method === 'DELETE' ? {} : { 'content-type': 'application/json' }),
    },
    body: method === 'GET' || method === 'DELETE' ? null : JSON.stringify(example),
  })
  // A stream has no end.
  const isStream = answer.headers.get('content-type') === 'text/event-stream'
  if (isStream) await answer.body?.cancel()
  return { status: answer.status, text: isStream ? '' : await answer.text() }
}

test('the document has every route, each with its access', () => {
  expect(OPERATIONS.length).toBeGreaterThan(15)
  expect(OPERATIONS.filter((operation) => operation.scope === null).map(label)).toEqual([
    'GET /healthz',
    'GET /livez',
    'GET /readyz',
    // A browser comes from Salesforce with a state that counts once, and no key.
    'GET /api/auth/salesforce/callback',
    // The form of the page that it is shown there, with a token that counts once.
    'POST /api/auth/salesforce/callback/confirm',
    // Webhooks are signed, and the path of outbound messages is a secret.
    'POST /webhooks/salesforce',
    'POST /v1/connections/{connectionId}/webhooks',
    'POST /webhooks/outbound-messages/{path}',
  ])
})

describe.each(GUARDED.map((operation) => [label(operation), operation] as const))(
  '%s',
  (_, operation) => {
    test('without a key: 401', async () => {
      expect((await call(operation, null)).status).toBe(401)
    })

    test('with an expired or a revoked key: 401', async () => {
      expect((await call(operation, expired)).status).toBe(401)
      expect((await call(operation, revoked)).status).toBe(401)
    })

    if (operation.scope !== 'any') {
      test('with every other scope: 403', async () => {
        const scopes = ROLE_SCOPES.admin.filter((scope) => scope !== operation.scope)
        const key = await addApiKey(api.pool, { role: 'admin', scopes })
        expect((await call(operation, key)).status).toBe(403)
      })
    }

    test('with its own scope alone it is let through', async () => {
      const key = await addApiKey(api.pool, {
        role: 'admin',
        scopes: operation.scope === null || operation.scope === 'any' ? [] : [operation.scope],
      })
      const { status, text } = await call(operation, key)
      expect(status).not.toBe(401)
      expect(text).not.toContain(`lacks the scope ${operation.scope}`)
    })
  },
)

test.each(NAMED.map((operation) => [label(operation), operation] as const))(
  "%s with another tenant's id: 404, as if it were not there",
  async (_, operation) => {
    for (const name of operation.parameters) expect(foreignIds, name).toHaveProperty(name)
    const foreign = await call(operation, stranger, foreignIds)
    const nobodys = await call(operation, stranger)
    expect([foreign.status, nobodys.status]).toEqual([404, 404])
    const withoutRequest = (text: string) => text.replace(/"request_id":"[^"]+"/, '')
    expect(withoutRequest(foreign.text)).toBe(withoutRequest(nobodys.text))
  },
)

test("another tenant's subscription stays, though unsubscribing always succeeds", async () => {
  const unsubscribe = OPERATIONS.find((operation) => label(operation) === ALWAYS_200)
  if (unsubscribe === undefined) throw new Error(`The document has no ${ALWAYS_200}.`)
  expect((await call(unsubscribe, stranger, foreignIds)).status).toBe(200)
  const isThere = await api.pool.oneFirst(sql.type(row<{ active: boolean }>())`
    select active from salesforce_webhook_subscriptions where workspace_id = 'other'`)
  expect(isThere).toBe(true)
})

test("another tenant's connection in a body is not there either", async () => {
  const create = OPERATIONS.find((operation) => label(operation) === 'POST /v1/bulk-jobs')
  if (create === undefined) throw new Error('The document has no POST /v1/bulk-jobs.')
  const ask = (connectionId: string) => {
    const body = { object: 'Account', operation: 'insert', records: [{ Name: 'Ada' }] }
    return call({ ...create, example: { ...body, connection_id: connectionId } }, stranger)
  }
  const [foreign, nobodys] = [await ask('connection-of-other'), await ask('connection-of-nobody')]
  expect([foreign.status, nobodys.status]).toEqual([404, 404])
  const withoutRequest = (text: string) => text.replace(/"request_id":"[^"]+"/, '')
  expect(withoutRequest(foreign.text)).toBe(withoutRequest(nobodys.text))
})

test("lists and figures hold nothing of another tenant's", async () => {
  const lists = GUARDED.filter(
    (operation) => operation.method === 'GET' && operation.parameters.length === 0,
  )
  for (const operation of lists) {
    const { status, text } = await call(
      {
        ...operation,
        path: operation.path.replace(
          /(salesforce\/(?:analytics\/enhanced|bulk\/jobs|custom-objects|webhooks\/subscriptions))$/,
          '$1?user_id=ada',
        ),
      },
      stranger,
    )
    expect(status, label(operation)).toBe(200)
    for (const id of Object.values(foreignIds)) expect(text, label(operation)).not.toContain(id)
  }
})
