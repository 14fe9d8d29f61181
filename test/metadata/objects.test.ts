import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fieldFixture, objectFixture } from '../../bulk/describe-fixture.ts'
import { DEFAULT_CONNECTION_ID } from '../../contracts/tenancy.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import { createMetadataChangeQueries } from '../../db/metadata-changes.ts'
import { createMetadataRefreshQueries } from '../../db/metadata-refreshes.ts'
import { row } from '../../db/row-type.ts'
import { cacheDescribe, startTestApi, type TestApi } from '../api/test-api.ts'
import { listObjects, OF_DEFAULT, summaryFixture } from './metadata-setup.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi({ connectionWaitMs: 1_000 })
})
afterAll(() => api.stop())

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
  readonly text: string
}

/** What the routes answer, each its part; every test asserts what it reads. */
interface Body extends Readonly<Record<string, unknown>> {
  readonly objects: readonly { readonly name: string }[]
  readonly fields: readonly object[]
  readonly changes: readonly { readonly field: string }[]
  readonly warnings: readonly { readonly code: string; readonly field: string }[]
  readonly custom_objects: readonly object[]
  readonly custom_object: { readonly fields: readonly object[] }
  readonly as_of: string
  readonly expires_at: string
}

async function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(api.url + path, { headers })
  const text = await response.text()
  const body = JSON.parse(text.startsWith('{') ? text : '{}') as Body
  return { status: response.status, headers: response.headers, body, text }
}

const NAMES = ['Account', 'Contact', 'Invoice__c', 'InvoiceLine__c', 'Setting__mdt']

describe('the list of objects', () => {
  test('is read from Salesforce where nobody has yet, and then from the catalogue', async () => {
    let asked = 0
    api.temporal.onListObjects = async () => {
      asked += 1
      await listObjects(
        api.pool,
        NAMES.map((name) => summaryFixture(name)),
      )
    }
    const { status, body, headers } = await get('/v1/objects')
    expect(status).toBe(200)
    expect(body.objects).toHaveLength(5)
    expect(body.objects[0]).toMatchObject({ name: 'Account', custom: false, queryable: true })
    expect(Date.parse(body.as_of)).toBeGreaterThan(Date.now() - 60_000)
    expect(Number(headers.get('age'))).toBeLessThan(60)
    await get('/v1/objects')
    expect(asked).toBe(1)
  })

  test('in pages, by text and by kind', async () => {
    const names = ({ body }: Answer) => body.objects.map(({ name }) => name)
    const first = await get('/v1/objects?limit=2')
    expect(names(first)).toEqual(['Account', 'Contact'])
    const second = await get(`/v1/objects?limit=3&cursor=${first.body['next_cursor']}`)
    expect(names(second)).toEqual(['InvoiceLine__c', 'Invoice__c', 'Setting__mdt'])
    expect(second.body['next_cursor']).toBeNull()
    expect(names(await get('/v1/objects?q=invoicel'))).toEqual(['InvoiceLine__c'])
    // A wildcard of SQL is a letter like any other.
    expect(names(await get('/v1/objects?q=%25'))).toEqual([])
    expect(names(await get('/v1/objects?custom=true'))).toEqual(['InvoiceLine__c', 'Invoice__c'])
    expect((await get('/v1/objects?custom=maybe')).body['code']).toBe('invalid_request')
    expect((await get('/v1/objects?cursor=x')).body['code']).toBe('invalid_cursor')
  })

  test('is told once: who has it already gets 304, also after a look that found the same', async () => {
    const etag = (await get('/v1/objects')).headers.get('etag') ?? ''
    await createMetadataRefreshQueries(api.pool).setListRead(DEFAULT_CONNECTION_ID, null)
    const again = await get('/v1/objects', { 'if-none-match': `"other", ${etag}` })
    expect([again.status, again.text]).toEqual([304, ''])
    expect(again.headers.get('etag')).toBe(etag)
    const other = await get('/v1/objects?limit=1', { 'if-none-match': etag })
    expect(other.status).toBe(200)
  })
})

const account = objectFixture([
  fieldFixture('Name', { inlineHelpText: 'As on the invoice' }),
  fieldFixture('Rating', {
    type: 'picklist',
    picklistValues: [{ value: 'Hot', label: 'Very hot', active: true }],
  }),
  fieldFixture('Total__c', { type: 'double', calculated: true, calculatedFormula: 'A__c * 2' }),
])

describe('one object', () => {
  beforeAll(() => cacheDescribe(api.pool, 'Account', account))

  test('with its fields, whatever the letters of its name', async () => {
    const { status, body, headers } = await get('/v1/objects/ACCOUNT')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      ...{ name: 'Account', label_plural: 'Accounts', key_prefix: '001' },
      links: { types: '/v1/objects/Account/types.ts' },
    })
    expect(body.fields[1]).toMatchObject({ name: 'Name', help_text: 'As on the invoice' })
    expect(body.fields[3]).toMatchObject({ formula: 'A__c * 2' })
    const etag = headers.get('etag') ?? ''
    expect((await get('/v1/objects/Account', { 'if-none-match': etag })).status).toBe(304)
    expect((await get('/v1/objects/Account', { 'if-none-match': '"x"' })).status).toBe(200)
  })

  test('as TypeScript', async () => {
    const { text, headers } = await get('/v1/objects/Account/types.ts')
    expect(headers.get('content-type')).toBe('text/plain; charset=UTF-8')
    expect(text).toContain('export interface Account {')
    expect(text).toContain("  | 'Hot'\n")
  })

  test('is asked for where it is not known, and unknown with the nearest name', async () => {
    api.temporal.onDescribe = ({ objectType }) => cacheDescribe(api.pool, objectType, null)
    const { status, body } = await get('/v1/objects/Acount')
    expect([status, body['code']]).toEqual([404, 'object_not_found'])
    expect(body['detail']).toContain('Did you mean Account?')
    expect(api.temporal.described).toContain('Acount')
    const asked = api.temporal.described.length
    for (const name of ['Not%20a%20name', '%00', '%F0%9F%98%80', 'A'.repeat(5_000)]) {
      expect((await get(`/v1/objects/${name}`)).status).toBe(404)
    }
    expect(api.temporal.described.length).toBe(asked)
  })

  test('that Salesforce does not describe in time, and that it does not let us see', async () => {
    api.temporal.onDescribe = async () => {}
    const late = await get('/v1/objects/Late__c')
    expect([late.status, late.body['code']]).toEqual([503, 'salesforce_unavailable'])
    await api.pool.query(sql.type(row<never>())`
      update connections set blocked_reason = 'authentication_failed', blocked_at = now()`)
    const refused = await get('/v1/objects/Late__c')
    expect([refused.status, refused.body['code']]).toEqual([400, 'authentication_failed'])
    const legacy = await get('/api/salesforce/custom-objects/Late__c/metadata?user_id=ada')
    expect(legacy.status).toBe(404)
    expect(legacy.body).toMatchObject({ ok: false, error: 'authentication_failed' })
    await api.pool.query(sql.type(row<never>())`
      update connections set blocked_reason = null, blocked_at = null`)
  })

  test('that an earlier release kept is asked for again before it is shown', async () => {
    const { childRelationships: _, labelPlural: __, ...old } = account
    await api.pool.query(sql.type(row<never>())`
      insert into describe_cache (connection_id, workspace_id, object_type, describe, last_modified, fetched_at,
        expires_at)
      values (${DEFAULT_CONNECTION_ID}, 'default', 'Old__c',
        ${sql.jsonb({ ...old, name: 'Old__c' } as never)}, 'Fri, 03 Jul 2026 09:00:00 GMT',
        now() - interval '1 minute', now() + interval '1 day')`)
    expect((await get('/v1/objects/Old__c')).status).toBe(503)
    api.temporal.onDescribe = () =>
      cacheDescribe(api.pool, 'Old__c', { ...account, name: 'Old__c', labelPlural: 'Olds' })
    expect((await get('/v1/objects/Old__c')).body).toMatchObject({ label_plural: 'Olds' })
  })
})

describe('the routes of the replaced service', () => {
  const LIST = '/api/salesforce/custom-objects'

  test('list names that end in __c, first fresh and then from the cache', async () => {
    api.temporal.onListObjects = async () => {
      await listObjects(
        api.pool,
        NAMES.map((name) => summaryFixture(name, { label: `The ${name}` })),
      )
    }
    const fresh = await get(`${LIST}?user_id=ada&cache=false`)
    expect(fresh.status).toBe(200)
    expect(fresh.body).toMatchObject({ ok: true, total_count: 2, cached: false })
    const [first] = fresh.body.custom_objects
    expect(first).toEqual({
      ...{ name: 'InvoiceLine__c', label: 'The InvoiceLine__c', label_plural: 'InvoiceLine__cs' },
      ...{ custom: true, queryable: true, createable: true, updateable: true, deletable: true },
      retrieveable: true,
    })
    const { ok: _, data, ...fields } = fresh.body
    expect(data).toEqual(fields)
    const kept = await get(`${LIST}?user_id=ada`)
    expect(kept.body).toMatchObject({ ok: true, total_count: 2, cached: true })
    expect(Date.parse(kept.body.expires_at)).toBeGreaterThan(Date.now())
    expect(kept.body.custom_objects).toEqual(fresh.body.custom_objects)
    const rows = await api.pool.any(sql.type(row<{ user_id: string; names: string[] }>())`
      select user_id, jsonb_path_query_array(cache_data, '$[*].name') as names
      from salesforce_custom_objects_cache`)
    expect(rows).toEqual([{ user_id: 'ada', names: ['InvoiceLine__c', 'Invoice__c'] }])
  })

  test('answer 200 and not ok where Salesforce does not answer as wanted', async () => {
    api.temporal.onListObjects = (input) =>
      createMetadataRefreshQueries(api.pool).setListFailed(input, 'authentication_failed', 'No.')
    const refused = await get(`${LIST}?user_id=ada&cache=false`)
    expect(refused.status).toBe(200)
    expect(refused.body).toMatchObject({
      ok: false,
      error: 'authentication_failed',
      message: 'No.',
    })
    api.temporal.onListObjects = (input) =>
      createMetadataRefreshQueries(api.pool).setListFailed(input, 'query_failed', 'No API.')
    expect((await get(`${LIST}?user_id=ada&cache=false`)).body['error']).toBe('query_failed')
    api.temporal.onListObjects = async () => {}
    const late = await get(`${LIST}?user_id=ada&cache=false`)
    expect([late.status, late.body['error']]).toEqual([200, 'custom_objects_query_failed'])
    api.temporal.isDown = true
    const down = await get(`${LIST}?user_id=ada&cache=false`)
    api.temporal.isDown = false
    expect([down.status, down.body['error']]).toEqual([200, 'custom_objects_query_failed'])
    // What is cached goes on being answered.
    expect((await get(`${LIST}?user_id=ada`)).body).toMatchObject({ ok: true, cached: true })
  })

  test('answer a list that is still good as cached, and ask for one that is past its time', async () => {
    api.temporal.onListObjects = async () => listObjects(api.pool, [summaryFixture('New__c')])
    const kept = await get(`${LIST}?user_id=grace`)
    expect(kept.body).toMatchObject({ cached: true, total_count: 2 })
    await api.pool.query(sql.type(row<never>())`
      update metadata_refreshes set as_of = now() - interval '25 hours'`)
    await api.pool.query(sql.type(row<never>())`
      update salesforce_custom_objects_cache set expires_at = now() where user_id = 'grace'`)
    const anew = await get(`${LIST}?user_id=grace`)
    expect(anew.body).toMatchObject({ cached: false, total_count: 1 })
  })

  test('want a user, and true or false', async () => {
    for (const path of [LIST, `${LIST}/Account/metadata`]) {
      const { status, body } = await get(path)
      expect([status, body['error']]).toEqual([400, 'missing_user_id'])
    }
    expect((await get(`${LIST}?user_id=ada&cache=perhaps`)).status).toBe(400)
  })

  test('show one object with its fields and children', async () => {
    const relationship = {
      ...{ field: 'AccountId', childSObject: 'Contact', relationshipName: 'Contacts' },
      ...{ cascadeDelete: true, restrictedDelete: false },
    }
    await cacheDescribe(api.pool, 'Account', { ...account, childRelationships: [relationship] })
    const { status, body } = await get(`${LIST}/Account/metadata?user_id=ada`)
    expect(status).toBe(200)
    const { ok: _, data, ...fields } = body
    expect(data).toEqual(fields)
    expect(body.custom_object).toMatchObject({
      ...{ name: 'Account', label: 'Account', label_plural: 'Accounts', description: null },
      ...{ is_custom: false, key_prefix: '001', queryable: true },
      child_relationships: [
        {
          ...{ field: 'AccountId', relationship_name: 'Contacts', child_sobject: 'Contact' },
          ...{ cascade_delete: true, restricted_delete: false },
        },
      ],
    })
    expect(body.custom_object.fields[2]).toEqual({
      ...{
        name: 'Rating',
        label: 'Rating',
        type: 'picklist',
        length: 255,
        precision: 18,
        scale: 2,
      },
      ...{ createable: true, updateable: true, nillable: true, defaulted_on_create: false },
      ...{ auto_number: false, formula: null, help_text: null },
      picklist_values: [{ value: 'Hot', label: 'Very hot', active: true }],
    })
    api.temporal.onDescribe = ({ objectType }) => cacheDescribe(api.pool, objectType, null)
    const unknown = await get(`${LIST}/Acccount/metadata?user_id=ada`)
    expect([unknown.status, unknown.body['error']]).toEqual([404, 'metadata_query_failed'])
    expect(unknown.body['message']).toContain('Did you mean Account?')
  })
})

describe('changes', () => {
  beforeAll(async () => {
    for (const [kind, field, type] of [
      ['field_removed', 'Old__c', 'string'],
      ['field_removed', 'OwnerId', 'reference'],
      ['field_type_changed', 'Size__c', 'double'],
      ['field_added', 'New__c', 'string'],
    ] as const) {
      const facts = { type, relationship_name: type === 'reference' ? 'Owner' : null }
      await createMetadataChangeQueries(api.pool).insertAll(OF_DEFAULT, [
        {
          changeId: `mdc_${field}`,
          kind,
          objectType: 'Account',
          field,
          before: facts,
          after: facts,
        },
      ])
    }
  })

  test('newest first, in pages, by object and kind', async () => {
    const fields = ({ body }: Answer) => body.changes.map(({ field }) => field)
    const first = await get('/v1/metadata-changes?limit=3')
    expect(fields(first)).toEqual(['New__c', 'Size__c', 'OwnerId'])
    const second = await get(`/v1/metadata-changes?cursor=${first.body['next_cursor']}`)
    expect(fields(second)).toEqual(['Old__c'])
    expect(
      fields(await get('/v1/metadata-changes?object=account&kind=field_type_changed')),
    ).toEqual(['Size__c'])
    expect(fields(await get('/v1/metadata-changes?object=Contact'))).toEqual([])
  })

  test('are warnings of jobs that write those fields, while they run', async () => {
    const jobs = createBulkJobQueries(api.pool)
    const stage = async (jobId: string, columns: string[], createdAgo: string) => {
      await jobs.insertStaging({
        ...{ ...OF_DEFAULT, jobId, userId: null, operation: 'insert', objectType: 'account' },
        ...{ externalIdField: null, correlationField: null, retryOf: null, requestId: null },
        createdBy: null,
      })
      await jobs.finishStaging(jobId, { columns, checked: true })
      await api.pool.query(sql.type(row<never>())`
        update salesforce_bulk_jobs set created_at = now() - ${createdAgo}::interval where job_id = ${jobId}`)
      const { body } = await get(`/v1/bulk-jobs/${jobId}`)
      return body.warnings.map(({ code, field }) => `${code} ${field}`)
    }
    const columns = ['old__C', 'Owner.Email', 'Size__c', 'New__c', 'Name']
    expect(await stage('bulk_job_before', columns, '1 hour')).toEqual([
      ...['field_removed Old__c', 'field_removed OwnerId', 'field_type_changed Size__c'],
    ])
    expect(await stage('bulk_job_after', columns, '-1 hour')).toEqual([])
    expect(await stage('bulk_job_others', ['Name'], '1 hour')).toEqual([])
    await api.pool.query(sql.type(row<never>())`
      update salesforce_bulk_jobs set completed_at = now() - interval '30 minutes'
      where job_id = 'bulk_job_before'`)
    expect((await get('/v1/bulk-jobs/bulk_job_before')).body['warnings']).toEqual([])
  })
})

describe('a refresh', () => {
  const path = `/v1/connections/${DEFAULT_CONNECTION_ID}/metadata`
  const post = () => fetch(`${api.url}${path}/refresh`, { method: 'POST' })

  test('is asked of the Schedule, and without one of a workflow', async () => {
    const answer = await post()
    expect(answer.status).toBe(202)
    expect(answer.headers.get('location')).toBe(path)
    expect(api.temporal.woken).toContain(DEFAULT_CONNECTION_ID)
    expect(api.temporal.started).not.toContain(DEFAULT_CONNECTION_ID)
    api.temporal.runs = false
    expect((await post()).status).toBe(202)
    expect(api.temporal.started).toContain(DEFAULT_CONNECTION_ID)
    api.temporal.isDown = true
    expect((await post()).status).toBe(503)
    api.temporal.isDown = false
    const { body } = await get(path)
    expect(body).toMatchObject({ state: 'idle', scheduled_every: null, error: null })
    await createMetadataRefreshQueries(api.pool).begin(DEFAULT_CONNECTION_ID, 'dead', -1)
    const { state, error } = (await get(path)).body
    expect([state, error]).toEqual(['stopped', 'The run broke off. The next one goes on there.'])
  })
})
