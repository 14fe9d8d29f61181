import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LegacyErrorSchema } from '../../contracts/http/problem.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createBulkJobQueries } from '../../db/bulk-jobs.ts'
import {
  accountDescribe,
  cacheDescribe,
  leftovers,
  postJson,
  postText,
  problemOf,
  startTestApi,
  type TestApi,
} from './test-api.ts'

let api: TestApi

beforeAll(async () => {
  api = await startTestApi({ batchSize: 2, bodyIdleMs: 300 })
  await cacheDescribe(api.pool, 'Account', accountDescribe())
  await cacheDescribe(api.pool, 'Nothing__c', null)
  await cacheDescribe(api.pool, 'ReadOnly', {
    ...accountDescribe(),
    name: 'ReadOnly',
    createable: false,
  })
})
afterAll(async () => {
  // Whatever was refused above: nothing was started, nothing is left.
  expect(await leftovers(api.pool)).toEqual({ jobs: 0, staging: 0 })
  expect(api.temporal.started).toEqual([])
  await api.stop()
})

const insert = '/v1/bulk-jobs?object=Account&operation=insert'
const json = (records: unknown, more: object = {}) => ({
  object: 'Account',
  operation: 'insert',
  records,
  ...more,
})

describe('JSON', () => {
  test.each<[string, unknown, number, string]>([
    ['no JSON', '{"object":', 400, 'invalid_json'],
    ['an array', '[]', 400, 'invalid_json'],
    ['nothing', '', 400, 'invalid_json'],
    ['no records', json([]), 400, 'no_records'],
    ['records that are none', json('x'), 400, 'invalid_request'],
    ['a missing field', { operation: 'insert', records: [{}] }, 400, 'missing_required_field'],
    ['a NUL in a name', json([{}], { object: 'A\u0000' }), 400, 'invalid_request'],
    [
      'a misspelt field',
      json([{ Name: 'A' }], { external_id_feild: 'x' }),
      400,
      'unknown_parameter',
    ],
    ['an unknown operation', json([{}], { operation: 'merge' }), 400, 'invalid_operation'],
    ['an unknown object', json([{ A: 1 }], { object: 'Nothing__c' }), 422, 'unknown_object'],
    ['a name that is none', json([{ A: 1 }], { object: "A'; --" }), 422, 'unknown_object'],
    [
      'an object that takes no rows',
      json([{ Name: 'A' }], { object: 'ReadOnly' }),
      422,
      'operation_not_allowed',
    ],
    [
      '10,001 records',
      json(Array.from({ length: 10_001 }, () => ({ Name: 'A' }))),
      400,
      'data_too_large',
    ],
  ])('refuses %s', async (_what, body, status, code) => {
    const problem = await problemOf(await postJson(`${api.url}/v1/bulk-jobs`, body))
    expect([problem.status, problem.code]).toEqual([status, code])
  })

  test.each<[string, object, object, { code: string; row: number | null; field: string | null }]>([
    ['an unknown field', [{ Nmae: 'A' }], {}, { code: 'unknown_field', row: null, field: 'Nmae' }],
    [
      'a field that is read-only',
      [{ CreatedDate: '2024-01-01' }],
      {},
      { code: 'field_not_writable', row: null, field: 'CreatedDate' },
    ],
    [
      'a value over its length',
      [{ Name: 'A' }, { Name: 'x'.repeat(11) }],
      {},
      { code: 'field_too_long', row: 2, field: 'Name' },
    ],
    ['a literal #N/A', [{ Name: '#N/A' }], {}, { code: 'reserved_value', row: 1, field: 'Name' }],
    [
      'an array as a value',
      [{ Name: ['x'] }],
      {},
      { code: 'value_not_scalar', row: 1, field: 'Name' },
    ],
    [
      'a record that is none',
      [{ Name: 'A' }, 'x'],
      {},
      { code: 'record_not_object', row: 2, field: null },
    ],
    [
      'a record that is too large',
      [{ Name: 'A' }, { Name: 'x'.repeat(2_000_001) }],
      {},
      { code: 'record_too_large', row: 2, field: null },
    ],
    [
      'a record without a value',
      [{ Name: 'A' }, {}],
      {},
      { code: 'empty_row', row: 2, field: null },
    ],
    [
      'a name given twice',
      [{ Name: 'A', name: 'B' }],
      {},
      { code: 'duplicate_column', row: null, field: 'Name' },
    ],
    [
      'an upsert without external id field',
      [{ Name: 'A' }],
      { operation: 'upsert' },
      { code: 'missing_external_id_field', row: null, field: null },
    ],
    [
      'an upsert by a field that is none',
      [{ Name: 'A' }],
      { operation: 'upsert', external_id_field: 'Phone' },
      { code: 'not_an_external_id', row: null, field: 'Phone' },
    ],
    [
      'an upsert row without key',
      [{ Ext__c: 'a' }, { Ext__c: ' ' }],
      { operation: 'upsert', external_id_field: 'Ext__c' },
      { code: 'missing_external_id', row: 2, field: 'Ext__c' },
    ],
    [
      'an update without Id column',
      [{ Name: 'A' }],
      { operation: 'update' },
      { code: 'missing_id', row: null, field: 'Id' },
    ],
    [
      'an update row without Id',
      [
        { Id: '001000000000001', Name: 'A' },
        { Id: null, Name: 'B' },
      ],
      { operation: 'update' },
      { code: 'missing_id', row: 2, field: 'Id' },
    ],
    [
      'an Id that is none',
      [{ Id: 'x' }],
      { operation: 'delete' },
      { code: 'invalid_id', row: 1, field: 'Id' },
    ],
    [
      'an Id twice, in both lengths',
      [{ Id: '001000000000001' }, { Id: '001000000000002' }, { Id: '001000000000001AAA' }],
      { operation: 'delete' },
      { code: 'duplicate_key', row: 3, field: 'Id' },
    ],
    [
      'an external id twice, but for case',
      [{ Ext__c: 'abc' }, { Ext__c: 'ABC' }],
      { operation: 'upsert', external_id_field: 'Ext__c' },
      { code: 'duplicate_key', row: 2, field: 'Ext__c' },
    ],
  ])('refuses %s, naming row and field', async (_what, records, more, expected) => {
    const problem = await problemOf(await postJson(`${api.url}/v1/bulk-jobs`, json(records, more)))
    expect(problem.code).toBe(expected.code)
    expect(problem.errors?.[0]).toMatchObject(expected)
  })

  test('says which field was probably meant', async () => {
    const problem = await problemOf(
      await postJson(`${api.url}/v1/bulk-jobs`, json([{ Nmae: 'A' }])),
    )
    expect(problem.detail).toContain('Did you mean Name?')
  })

  test('names at most 20 faults', async () => {
    const records = Array.from({ length: 100 }, () => ({ Name: 'x'.repeat(20) }))
    const problem = await problemOf(await postJson(`${api.url}/v1/bulk-jobs`, json(records)))
    expect(problem.errors).toHaveLength(20)
  })
})

describe('streams', () => {
  const invalidUtf8 = Buffer.concat([Buffer.from('Name\nA\nB'), Buffer.from([0xc3, 0x28, 0x0a])])

  test.each<
    [
      string,
      string,
      string | Uint8Array<ArrayBuffer>,
      Record<string, string>,
      number,
      string,
      number | null,
    ]
  >([
    ['a ragged row', 'text/csv', 'Name,Phone\nA,1\nB,2\nC\n', {}, 400, 'ragged_row', 4],
    ['what is not UTF-8', 'text/csv', invalidUtf8, {}, 400, 'invalid_utf8', 3],
    ['a NUL', 'text/csv', 'Name\nA\u0000\n', {}, 400, 'invalid_character', 2],
    ['a quote out of place', 'text/csv', 'Name\nA"B\n', {}, 400, 'invalid_csv', 2],
    ['an end inside quotes', 'text/csv', 'Name\nA\n"B', {}, 400, 'body_incomplete', 3],
    ['a header alone', 'text/csv', 'Name\n', {}, 400, 'no_records', null],
    ['nothing', 'text/csv', '', {}, 400, 'no_records', null],
    [
      'a line that is not JSON',
      'application/x-ndjson',
      '{"Name":"A"}\n{"Name":\n',
      {},
      400,
      'invalid_json',
      2,
    ],
    [
      'gzip that is none',
      'text/csv',
      'Name\nA\n',
      { 'content-encoding': 'gzip' },
      400,
      'invalid_encoding',
      null,
    ],
    [
      'gzip that was cut',
      'text/csv',
      new Uint8Array(gzipSync('Name\nA\n'.repeat(50)).subarray(0, 20)),
      { 'content-encoding': 'gzip' },
      400,
      'body_incomplete',
      null,
    ],
    [
      'gzip that explodes',
      'text/csv',
      new Uint8Array(gzipSync(`Name\n${'\n'.repeat(20_000_000)}`)),
      { 'content-encoding': 'gzip' },
      413,
      'compression_ratio_exceeded',
      null,
    ],
    [
      'another encoding',
      'text/csv',
      'Name\nA\n',
      { 'content-encoding': 'br' },
      415,
      'unsupported_encoding',
      null,
    ],
    ['another type', 'text/plain', 'Name\nA\n', {}, 415, 'unsupported_media_type', null],
    [
      'another charset',
      'text/csv; charset=iso-8859-1',
      'Name\nA\n',
      {},
      415,
      'unsupported_media_type',
      null,
    ],
  ])('refuses %s', async (_what, type, body, headers, status, code, line) => {
    const problem = await problemOf(await postText(`${api.url}${insert}`, type, body, headers))
    expect([problem.status, problem.code, problem.errors?.[0]?.line ?? null]).toEqual([
      status,
      code,
      line,
    ])
  })

  test('names the types that are read', async () => {
    const response = await postText(`${api.url}${insert}`, 'text/plain', 'x')
    expect((await problemOf(response)).detail).toContain('text/csv, application/x-ndjson')
  })

  test('refuses a misspelt parameter with the nearest name', async () => {
    const url = `${api.url}/v1/bulk-jobs?object=Account&operaton=insert`
    const problem = await problemOf(await postText(url, 'text/csv', 'Name\nA\n'))
    expect(problem).toMatchObject({ status: 400, code: 'unknown_parameter' })
    expect(problem.detail).toContain('Did you mean operation?')
  })

  test('refuses a fault in the last of many rows, after chunks were committed', async () => {
    const rows = Array.from({ length: 500 }, (_, at) => `N${at}`).join('\n')
    const body = `Name\n${rows}\n${'x'.repeat(11)}\n`
    const problem = await problemOf(await postText(`${api.url}${insert}`, 'text/csv', body))
    expect(problem.errors?.[0]).toMatchObject({ code: 'field_too_long', row: 501, line: 502 })
  })

  test('gives up a body that stands still', async () => {
    const stalled = request(`${api.url}${insert}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
    })
    const answer = new Promise<number | undefined>((resolve, reject) => {
      stalled.on('response', (response) => resolve(response.resume().statusCode))
      stalled.on('error', reject)
    })
    stalled.write('Name\nA\n')
    expect(await answer).toBe(408)
    stalled.destroy()
  })

  test('drops what arrived of a body whose sender went away', async () => {
    const rows = Array.from({ length: 200 }, (_, at) => `N${at}\n`).join('')
    const socket = connect(api.port, '127.0.0.1')
    socket.write(
      `POST ${insert} HTTP/1.1\r\nHost: localhost:${api.port}\r\nContent-Type: text/csv\r\nContent-Length: 100000\r\n\r\nName\n${rows}`,
    )
    const stagedBytes = () => createBulkJobQueries(api.pool).stagedBytes(DEFAULT_WORKSPACE_ID)
    await expect.poll(stagedBytes, { timeout: 5_000 }).toBeGreaterThan(0)
    socket.destroy()
    await expect.poll(stagedBytes, { timeout: 5_000 }).toBe(0)
  })
})

describe('legacy', () => {
  const good = { user_id: 'u', operation: 'insert', object_type: 'Account', data: [{ Name: 'A' }] }

  test.each<[string, unknown, string, string]>([
    ['no JSON', '{', 'bad_request', 'invalid_json'],
    [
      'a missing user_id',
      { ...good, user_id: undefined },
      'missing_required_field',
      'missing_required_field',
    ],
    [
      'a missing operation',
      { ...good, operation: '' },
      'missing_required_field',
      'missing_required_field',
    ],
    ['missing data', { ...good, data: null }, 'missing_required_field', 'missing_required_field'],
    ['data that is no array', { ...good, data: {} }, 'invalid_data', 'record_not_object'],
    ['empty data', { ...good, data: [] }, 'invalid_data', 'no_records'],
    [
      'an unknown operation',
      { ...good, operation: 'upsrt' },
      'invalid_operation',
      'invalid_operation',
    ],
    [
      '10,001 records',
      { ...good, data: Array.from({ length: 10_001 }, () => ({ Name: 'A' })) },
      'data_too_large',
      'data_too_large',
    ],
    ['an unknown field', { ...good, data: [{ Nmae: 'A' }] }, 'invalid_data', 'unknown_field'],
    [
      'an upsert without its field',
      { ...good, operation: 'upsert' },
      'missing_required_field',
      'missing_external_id_field',
    ],
  ])('refuses %s in its own envelope', async (_what, body, error, code) => {
    const response = await postJson(`${api.url}/api/salesforce/bulk/create-job`, body)
    const answer = LegacyErrorSchema.parse(await response.json())
    expect(answer).toMatchObject({ error, error_details: { code } })
    expect(response.status).toBe(400)
  })

  test.each([
    ['jobs', 'missing_user_id'],
    ['jobs?user_id=u&limit=x', 'bad_request'],
    ['jobs?user_id=u&limit=0', 'bad_request'],
    ['jobs?user_id=u&offset=-1', 'bad_request'],
    ['jobs?user_id=u&status=Gone', 'bad_request'],
    ['jobs?user_id=%00', 'bad_request'],
  ])('refuses %s', async (path, error) => {
    const response = await fetch(`${api.url}/api/salesforce/bulk/${path}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ ok: false, error })
  })

  test('answers 404 for a job that is not there', async () => {
    for (const id of ['bulk_job_x', 'a%00b', 'x'.repeat(300)]) {
      const response = await fetch(`${api.url}/api/salesforce/bulk/jobs/${id}`)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ ok: false, error: 'job_not_found' })
    }
  })
})
