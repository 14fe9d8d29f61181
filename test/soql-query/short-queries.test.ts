import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  LegacyObjectQueryAnswerSchema,
  ObjectQueryAnswerSchema,
} from '../../contracts/http/queries.ts'
import { row } from '../../db/row-type.ts'
import { postJson, problemOf } from '../api/test-api.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'

const ACCOUNTS = 450

let conveyor: TestConveyor
let url: string
beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: {
      SALESFORCE_TOKEN_ENCRYPTION_KEY: 'a key for queries that is long enough for one',
    },
  })
  const [api] = await Promise.all([conveyor.startApi(), conveyor.startWorker()])
  url = api.url
  const jobId = await conveyor.stage({
    columns: ['Name', 'NumberOfEmployees'],
    rows: Array.from({ length: ACCOUNTS }, (_, place) => [
      place === 7 ? `O'Neil \\ "Sons", Ltd` : `Company ${String(place).padStart(3, '0')}`,
      String(place),
    ]),
  })
  expect((await conveyor.waitForEnd(jobId)).state).toBe('Completed')
})
afterAll(() => conveyor.stop())

const legacy = (body: Record<string, unknown>, object = 'Account') =>
  postJson(`${url}/api/salesforce/custom-objects/${object}/query`, { user_id: 'ada', ...body })
const query = (body: Record<string, unknown>, object = 'Account') =>
  postJson(`${url}/v1/objects/${object}/query`, body)

async function recordsOf(answer: Response) {
  expect(answer.status).toBe(200)
  return ObjectQueryAnswerSchema.parse(await answer.json())
}

test('the legacy route gives default fields and the default limit', async () => {
  const answer = await legacy({})
  expect(answer.status).toBe(200)
  const body = LegacyObjectQueryAnswerSchema.parse(await answer.json())
  expect(body).toMatchObject({
    ...{ ok: true, limit: 25, offset: 0, done: true },
    query: 'SELECT Id, Name, CreatedDate FROM Account LIMIT 25',
  })
  expect(body.records).toHaveLength(25)
  expect(body.records[0]).toMatchObject({ attributes: { type: 'Account' }, Id: expect.any(String) })
  const { ok: _, data, ...flat } = body
  expect(data).toEqual(flat)
})

test('the legacy route filters, and goes through parents', async () => {
  const answer = await legacy({
    fields: ['Name', 'Owner.Username'],
    where_clause: "NumberOfEmployees >= 440 AND NumberOfEmployees < 445 AND Name LIKE 'Company%'",
    limit: '10',
    offset: 1,
  })
  const body = LegacyObjectQueryAnswerSchema.parse(await answer.json())
  expect(body.records).toHaveLength(4)
  expect(body.records[0]?.['Owner']).toMatchObject({ Username: expect.stringContaining('@') })
})

test.each([
  ['limit_too_large', { limit: 2_001 }, 'limit_too_large'],
  ['query_failed', { where_clause: "Nmae = 'x'" }, 'query_unknown_field'],
  ['query_failed', { where_clause: "Name = 'x' OR '1' = '1'" }, 'query_syntax'],
  ['query_failed', { fields: ['Id FROM User --'] }, 'query_not_supported'],
  ['bad_request', { fields: 'Id' }, 'invalid_request'],
])('the legacy route says %s', async (error, body, code) => {
  const answer = await legacy(body)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ ok: false, error, error_details: { code } })
})

test('an object that is not there', async () => {
  const answer = await legacy({}, 'Nothing__c')
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({
    ...{ ok: false, error: 'query_failed', error_details: { code: 'query_unknown_object' } },
  })
})

test('values with quotes, backslashes and double quotes are found as they are', async () => {
  const { records } = await recordsOf(
    await query({ fields: ['Name'], where: `Name = 'O\\'Neil \\\\ "Sons", Ltd'` }),
  )
  expect(records.map(({ Name }) => Name)).toEqual([`O'Neil \\ "Sons", Ltd`])
})

test('pages lead to each other until all records were read, once each', async () => {
  const names: unknown[] = []
  let cursor: string | null = null
  let pages = 0
  do {
    const body: Record<string, unknown> =
      cursor === null
        ? { fields: ['Name'], order_by: [{ field: 'Name', direction: 'desc' }], page_size: 200 }
        : { cursor }
    const page = await recordsOf(await query(body))
    expect(page.total_size).toBe(ACCOUNTS)
    names.push(...page.records.map(({ Name }) => Name))
    cursor = page.next_cursor
    expect(page.done).toBe(cursor === null)
    pages += 1
  } while (cursor !== null)
  expect(pages).toBe(3)
  expect(names).toHaveLength(ACCOUNTS)
  expect(new Set(names).size).toBe(ACCOUNTS)
  expect(names[0]).toBe(`O'Neil \\ "Sons", Ltd`)
})

test('a cursor whose place is gone, or that is of another query, says so', async () => {
  const first = await recordsOf(await query({ fields: ['Name'], page_size: 200 }))
  const cursor = first.next_cursor ?? ''
  expect((await problemOf(await query({ cursor }, 'Contact'))).code).toBe('invalid_cursor')
  expect((await problemOf(await query({ cursor, limit: 5 }))).code).toBe('invalid_request')
  await conveyor.org.addFault({
    match: { call: 'queryMore' },
    action: { type: 'status', status: 400, errorCode: 'INVALID_QUERY_LOCATOR', message: 'gone' },
  })
  expect(await problemOf(await query({ cursor }))).toMatchObject({
    ...{ status: 410, code: 'query_cursor_expired' },
  })
  await conveyor.pool.query(sql.type(row<never>())`
    update soql_queries set expires_at = now() - interval '1 second'`)
  expect(await problemOf(await query({ cursor }))).toMatchObject({ code: 'query_cursor_expired' })
})

test('what Salesforce refuses comes with its words', async () => {
  await conveyor.org.addFault({
    match: { call: 'query' },
    action: { type: 'status', status: 400, errorCode: 'MALFORMED_QUERY', message: 'not so' },
  })
  expect(await problemOf(await query({ fields: ['Id'] }))).toMatchObject({
    ...{ status: 422, code: 'query_refused', detail: expect.stringContaining('not so') },
  })
})

test('a fault on the way is tried again', async () => {
  await conveyor.org.addFault({
    ...{ match: { call: 'query' }, times: 4, action: { type: 'status', status: 503 } },
  })
  const { records } = await recordsOf(await query({ fields: ['Id'], limit: 1 }))
  expect(records).toHaveLength(1)
  await conveyor.org.clearFaults()
})

test('answers are sealed, and gone once their caller has them', async () => {
  await recordsOf(await query({ fields: ['Name'], limit: 3, where: "Name = 'Company 001'" }))
  const kept = await conveyor.pool.any(
    sql.type(row<{ answer: Buffer | null; request: Buffer }>())`
    select answer, request from soql_queries order by created_at desc limit 1`,
  )
  expect(kept[0]?.answer).toBeNull()
  // 2: AES-256-GCM, see security/sealing.ts.
  expect(kept[0]?.request[0]).toBe(2)
})
