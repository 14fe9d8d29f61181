import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, errorSchema, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())
beforeEach(async () => {
  await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
  client = await createTestClient(simulator.url)
  await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0 })
})

const insert = { object: 'Account', operation: 'insert' }

async function refusal(response: Response) {
  const [error] = errorSchema.parse(await response.json())
  return { status: response.status, ...error }
}

/** The documented form of a job with its data; `ending` as curl or a library sends it. */
function multipart(job: object, content: string, ending = '\r\n'): string {
  return [
    '--BOUNDARY',
    'Content-Type: application/json',
    'Content-Disposition: form-data; name="job"',
    '',
    JSON.stringify(job),
    '',
    '--BOUNDARY',
    'Content-Type: text/csv',
    'Content-Disposition: form-data; name="content"; filename="content"',
    '',
    content,
    '--BOUNDARY--',
    '',
  ].join(ending)
}

const send = (body: string, boundary = 'BOUNDARY') =>
  client.call('POST', '/jobs/ingest/', body, {
    'content-type': `multipart/form-data; boundary=${boundary}`,
  })

describe('a job that comes with its data', () => {
  test.each(['\r\n', '\n'])('is closed at once and runs (lines end in %j)', async (ending) => {
    const response = await send(multipart(insert, 'Name,Phone\nA,1\n"B\n--x",2', ending))
    expect(response.status).toBe(200)
    const made = (await response.json()) as { id: string; state: string; contentUrl?: string }
    expect(made.state).toBe('UploadComplete')
    expect(made.contentUrl).toBeUndefined()
    expect(await client.finished(made.id)).toMatchObject({
      state: 'JobComplete',
      numberRecordsProcessed: 2,
      numberRecordsFailed: 0,
    })
    const names = (await client.results(made.id, 'successfulResults')).map((row) => row['Name'])
    expect(names.toSorted()).toEqual(['A', 'B\n--x'])
  })

  test('names its parts in any order of parameters', async () => {
    const body = multipart(insert, 'Name\nA\n').replace(
      'name="content"; filename="content"',
      'filename="job"; name="content"',
    )
    expect((await send(body)).status).toBe(200)
  })

  test('takes a quoted boundary, and the effects of faults', async () => {
    await client.admin('POST', '/faults', {
      match: { call: 'bulk.create', object: 'Account' },
      action: { type: 'row_error', rows: { everyKth: 2 } },
    })
    const made = (await (await send(multipart(insert, 'Name\nA\nB\n'), '"BOUNDARY"')).json()) as {
      id: string
    }
    expect(await client.finished(made.id)).toMatchObject({ numberRecordsFailed: 1 })
  })

  test('may hold 100,000 characters and no more', async () => {
    const most = `Name\n${'x'.repeat(255)}\n`.padEnd(100_000, '\n')
    expect((await send(multipart(insert, most))).status).toBe(200)
    expect(await refusal(await send(multipart(insert, `${most}\n`)))).toMatchObject({
      status: 400,
      errorCode: 'CLIENTINPUTERROR',
    })
  })

  test('needs both parts, and a job that can be made', async () => {
    expect(await refusal(await send('--BOUNDARY--'))).toMatchObject({ errorCode: 'INVALIDJOB' })
    const unknown = multipart({ object: 'Nope', operation: 'insert' }, 'Name\nA\n')
    expect(await refusal(await send(unknown))).toMatchObject({ errorCode: 'INVALIDENTITY' })
    expect(await client.admin('GET', '/jobs')).toEqual({ jobs: [] })
  })
})

describe('what create refuses', () => {
  test('an upsert without a key, or with one that is none', async () => {
    const upsert = { object: 'Account', operation: 'upsert' }
    expect(await refusal(await client.call('POST', '/jobs/ingest', upsert))).toEqual({
      status: 400,
      errorCode: 'INVALIDJOB',
      message:
        'InvalidJob : External ID was blank for Account. An External ID must be specified for upsert.',
    })
    const wrong = { ...upsert, externalIdFieldName: 'Phone' }
    expect(await refusal(await client.call('POST', '/jobs/ingest', wrong))).toEqual({
      status: 400,
      errorCode: 'INVALIDJOB',
      message:
        'InvalidJob : Field name provided, Phone does not match an External ID, Salesforce Id, or indexed field for Account',
    })
  })

  test('another content type than JSON, and another for the data than CSV', async () => {
    const xml = await client.call('POST', '/jobs/ingest', '<jobInfo/>', {
      'content-type': 'application/xml',
    })
    expect(await refusal(xml)).toMatchObject({ status: 415, errorCode: 'UNSUPPORTED_MEDIA_TYPE' })
    const made = await client.createJob({ ...insert, assignmentRuleId: '01Q000000000001AAA' })
    expect(made['assignmentRuleId']).toBe('01Q000000000001AAA')
    const path = `/jobs/ingest/${made.id}/batches`
    const json = await client.call('PUT', path, '[]', { 'content-type': 'application/json' })
    expect((await refusal(json)).status).toBe(415)
    const csv = await client.call('PUT', path, 'Name\nA\n', {
      'content-type': 'text/csv; charset=UTF-8',
    })
    expect(csv.status).toBe(201)
  })

  test('bodies that are no job', async () => {
    const post = (body: string) =>
      client.call('POST', '/jobs/ingest', body, { 'content-type': 'application/json' })
    expect(await refusal(await post('{'))).toMatchObject({ errorCode: 'JSON_PARSER_ERROR' })
    expect(await refusal(await post('{}'))).toMatchObject({ errorCode: 'INVALIDJOB' })
    const xml = JSON.stringify({ ...insert, contentType: 'XML' })
    expect(await refusal(await post(xml))).toMatchObject({ errorCode: 'INVALIDJOB' })
  })
})

describe('an upload', () => {
  test('may have 150 MB after base64, announced or not, packed or not', async () => {
    await client.admin('PATCH', '/settings', { bulkUploadBytes: 4_000 })
    const { id } = await client.createJob(insert)
    const over = `Name\n${'x'.repeat(2_996)}`
    expect(await refusal(await client.upload(id, over))).toEqual({
      status: 400,
      errorCode: 'CLIENTINPUTERROR',
      message: 'ClientInputError : Maximum file size exceeded',
    })
    const url = `${simulator.url}/services/data/v64.0/jobs/ingest/${id}/batches`
    const put = (body: RequestInit['body'], headers: Record<string, string> = {}) =>
      fetch(url, {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${client.token}`,
          'content-type': 'text/csv',
          ...headers,
        },
        body,
        duplex: 'half',
      } as RequestInit)
    // A stream announces no length.
    expect((await put(new Blob([over]).stream())).status).toBe(400)
    expect((await put(gzipSync(over), { 'content-encoding': 'gzip' })).status).toBe(400)
    expect((await put(gzipSync(over.slice(1)), { 'content-encoding': 'gzip' })).status).toBe(201)
  })
})
