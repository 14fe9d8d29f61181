import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { makeId } from '../ids.ts'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { testRecord } from '../testing/query-client.ts'
import { createTestClient, errorSchema, type TestClient } from '../testing/test-client.ts'

function* records() {
  yield testRecord('Account', 1, { Name: 'One, "the" first;', AnnualRevenue: 1.5, Active__c: true })
  yield testRecord('Account', 2, { Name: 'Gone' }, Date.UTC(2024, 1, 29), true)
  for (let n = 1; n <= 25; n += 1) {
    const parent = n % 2 === 0 ? { AccountId: makeId('001', 1) } : {}
    yield testRecord('Contact', n, { LastName: `C${n}`, Description: 'a\nb', ...parent })
  }
}

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator({ records })
  client = await createTestClient(simulator.url)
  await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0 })
})
afterAll(() => simulator.close())

const jobSchema = z.looseObject({ id: z.string(), state: z.string() })

async function create(query: string, more: object = {}): Promise<string> {
  const body = { operation: 'query', query, ...more }
  return jobSchema.parse(await client.json('POST', '/jobs/query', body)).id
}

async function finished(id: string): Promise<z.infer<typeof jobSchema>> {
  for (;;) {
    const job = jobSchema.parse(await client.json('GET', `/jobs/query/${id}`))
    if (!['UploadComplete', 'InProgress'].includes(job.state)) return job
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function results(query: string, more: object = {}): Promise<string> {
  const id = await create(query, more)
  expect(await finished(id)).toMatchObject({ state: 'JobComplete' })
  return (await client.call('GET', `/jobs/query/${id}/results`)).text()
}

async function refusal(response: Response): Promise<string> {
  const [error] = errorSchema.parse(await response.json())
  return `${response.status} ${error?.errorCode}: ${error?.message}`
}

describe('query jobs', () => {
  test('columns in the order of the statement, parents by their path', async () => {
    const csv = await results(
      "SELECT account.name, Id, Account.Id, LastName, Account.Owner.Username, CreatedDate FROM Contact WHERE LastName IN ('c1', 'C2') ORDER BY LastName",
    )
    const [header, first, second] = parse(csv)
    expect(header).toEqual([
      'Account.Name',
      'Id',
      'Account.Id',
      'LastName',
      'Account.Owner.Username',
      'CreatedDate',
    ])
    expect(first).toEqual(['', makeId('003', 1), '', 'C1', '', '2024-02-29T23:30:00.000Z'])
    expect(second).toEqual([
      'One, "the" first;',
      makeId('003', 2),
      makeId('001', 1),
      'C2',
      'admin@simulator.example',
      '2024-02-29T23:30:00.000Z',
    ])
  })

  test.each([
    ['BACKQUOTE', '`'],
    ['CARET', '^'],
    ['COMMA', ','],
    ['PIPE', '|'],
    ['SEMICOLON', ';'],
    ['TAB', '\t'],
  ])('%s and CRLF', async (columnDelimiter, delimiter) => {
    const csv = await results('SELECT Name, AnnualRevenue, Active__c, Type FROM Account', {
      columnDelimiter,
      lineEnding: 'CRLF',
    })
    const row = ['"One, ""the"" first;"', '"1.5"', '"true"', '""'].join(delimiter)
    const header = ['"Name"', '"AnnualRevenue"', '"Active__c"', '"Type"'].join(delimiter)
    expect(csv).toBe(`${header}\r\n${row}\r\n`)
  })

  test('queryAll finds deleted records, an empty result has its header', async () => {
    const soql = 'SELECT Name FROM Account WHERE IsDeleted = true'
    expect(await results(soql, { operation: 'queryAll' })).toBe('"Name"\n"Gone"\n')
    expect(await results(soql)).toBe('"Name"\n')
  })

  test('FIELDS(STANDARD) stands for what Bulk can select', async () => {
    const [header = []] = parse(await results('SELECT FIELDS(STANDARD) FROM Contact'))
    expect(header).toContain('MailingCity')
    expect(header).not.toContain('MailingAddress')
  })

  test('pages of any size, each readable again, the last says null', async () => {
    const id = await create('SELECT LastName, Description FROM Contact ORDER BY Id')
    await finished(id)
    const page = async (locator: string | null, size: number) => {
      const from = locator === null ? '' : `&locator=${locator}`
      const answer = await client.call('GET', `/jobs/query/${id}/results?maxRecords=${size}${from}`)
      expect(answer.headers.get('content-type')).toBe('text/csv; charset=UTF-8')
      const rows: string[][] = parse(await answer.text())
      expect(answer.headers.get('sforce-numberofrecords')).toBe(String(rows.length - 1))
      return {
        next: answer.headers.get('sforce-locator'),
        names: rows.slice(1).map(([name]) => name),
      }
    }
    const first = await page(null, 10)
    const second = await page(first.next, 10)
    const third = await page(second.next, 10)
    expect([first.names.length, second.names.length, third.names.length]).toEqual([10, 10, 5])
    expect(third.next).toBe('null')
    expect(await page(first.next, 3)).toMatchObject({ names: ['C11', 'C12', 'C13'] })
    expect(await page(first.next, 10)).toEqual(second)
    const wrong = await client.call('GET', `/jobs/query/${id}/results?locator=zzz`)
    expect(await refusal(wrong)).toMatch(/^400 INVALID_QUERY_LOCATOR/)
    const other = await client.call('GET', `/services/data/v60.0/jobs/query/${id}/results`)
    expect(other.status).toBe(409)
  })

  test('results wait for the end, and go with the job', async () => {
    await client.admin('POST', '/faults', {
      match: { call: 'bulkQuery.create' },
      action: { type: 'stuck', ms: 60_000 },
    })
    const id = await create('SELECT Id FROM Contact')
    const early = await client.call('GET', `/jobs/query/${id}/results`)
    expect(await refusal(early)).toMatch(/^400 INVALIDJOBSTATE/)
    expect((await client.call('DELETE', `/jobs/query/${id}`)).status).toBe(400)
    expect(await client.json('PATCH', `/jobs/query/${id}`, { state: 'Aborted' })).toMatchObject({
      state: 'Aborted',
    })
    expect((await client.call('DELETE', `/jobs/query/${id}`)).status).toBe(204)
    expect((await client.call('GET', `/jobs/query/${id}`)).status).toBe(404)
  })

  test.each([
    [
      'SELECT COUNT() FROM Account',
      'API_ERROR: Aggregate functions are not supported in Bulk Query',
    ],
    ['SELECT MAX(Name) FROM Account', 'API_ERROR: Aggregate functions are not supported'],
    ['SELECT Name FROM Account GROUP BY Name', 'API_ERROR: GROUP BY is not supported'],
    ['SELECT Id FROM Account OFFSET 1', 'API_ERROR: OFFSET is not supported in Bulk Query'],
    [
      'SELECT Id, (SELECT Id FROM Contacts) FROM Account',
      'API_ERROR: Aggregate Relationships not supported in Bulk Query',
    ],
    [
      'SELECT TYPEOF Owner WHEN User THEN Id END FROM Account',
      'API_ERROR: TYPEOF is not supported in Bulk Query',
    ],
    ['SELECT Id FROM Nothing', 'INVALID_TYPE: '],
    ['SELECT Nothing FROM Account', 'INVALID_FIELD: '],
    ['SELECT FROM Account', 'MALFORMED_QUERY: '],
  ])('%s is refused', async (query, expected) => {
    const answer = await client.call('POST', '/jobs/query', { operation: 'query', query })
    expect((await refusal(answer)).startsWith(`400 ${expected}`)).toBe(true)
  })

  test('long lists and chains of conditions', async () => {
    const names = Array.from({ length: 5_000 }, (_, n) => `'C${n + 1}'`)
    const listed = await results(`SELECT Id FROM Contact WHERE LastName IN (${names.join(', ')})`)
    expect(listed.split('\n')).toHaveLength(27)
    const chain = names.slice(0, 2_000).map((name) => `LastName = ${name}`)
    const found = await results(`SELECT Id FROM Contact WHERE ${chain.join(' OR ')}`)
    expect(found).toBe(listed)
  })

  test.each([
    ['DELETE', '/jobs/query', 'HEAD,GET,POST'],
    ['PUT', '/jobs/query/750fK0000000001QAA', 'HEAD,GET,PATCH,DELETE'],
    ['POST', '/jobs/query/750fK0000000001QAA/results/', 'HEAD,GET'],
  ])('%s of %s is answered 405', async (method, path, allowed) => {
    const answer = await client.call(method, path)
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed])
  })

  test('a statement that is too much fails its job, and the org goes on', async () => {
    const names = Array.from({ length: 3_000 }, () => 'LastName')
    const query = `SELECT Id FROM Contact ORDER BY ${names.join(', ')}`
    expect(await finished(await create(query))).toMatchObject({
      state: 'Failed',
      errorMessage: 'Query is too complicated',
    })
    const call = { method: 'GET', url: `v64.0/query?q=${encodeURIComponent(query)}` }
    expect(await client.json('POST', '/composite/batch', { batchRequests: [call] })).toMatchObject({
      results: [{ statusCode: 400, result: [{ errorCode: 'QUERY_TOO_COMPLICATED' }] }],
    })
    expect(await results('SELECT Id FROM Contact')).toContain('003')
  })

  test('jobs are listed in pages', async () => {
    await client.admin('PATCH', '/settings', { jobListPageSize: 2 })
    const listSchema = z.object({
      done: z.boolean(),
      records: z.array(z.looseObject({ jobType: z.literal('V2Query') })),
      nextRecordsUrl: z.string().optional(),
    })
    let count = 0
    let url: string | undefined = '/jobs/query'
    while (url !== undefined) {
      const list = listSchema.parse(await client.json('GET', url))
      expect(list.records.length).toBeLessThanOrEqual(2)
      expect(list.done).toBe(list.nextRecordsUrl === undefined)
      count += list.records.length
      url = list.nextRecordsUrl
    }
    expect(count).toBeGreaterThan(5)
  })
})
