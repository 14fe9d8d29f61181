import { request } from 'node:http'
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

async function codeOf(response: Response): Promise<string> {
  return errorSchema.parse(await response.json())[0]?.errorCode ?? ''
}

describe('what a job does to rows', () => {
  test('each row is saved or refused by itself, with values as the org stores them', async () => {
    const info = await client.run(
      insert,
      'Name,Score__c,Last_Contacted__c,Active__c,Tier__c,Description\n' +
        '"  Trim, me ",1.005,2022-01-02T10:00:00.1234+02:00,TRUE,gold,"a;b|c ""q"""\n' +
        ',1,,,,\n' +
        ',,,,,\n' +
        'Bad,x,,,,\n' +
        'Bad,,,,Lead,\n',
    )
    expect(info).toMatchObject({
      state: 'JobComplete',
      numberRecordsProcessed: 5,
      numberRecordsFailed: 4,
      apiVersion: 64,
    })
    expect(await client.results(info.id, 'successfulResults')).toEqual([
      {
        sf__Id: expect.stringMatching(/^001.{15}$/),
        sf__Created: 'true',
        Name: 'Trim, me',
        Score__c: '1.01',
        Last_Contacted__c: '2022-01-02T08:00:00.123Z',
        Active__c: 'true',
        Tier__c: 'Gold',
        Description: 'a;b|c "q"',
      },
    ])
    const failed = await client.results(info.id, 'failedResults')
    expect(failed.map((row) => row['sf__Error']).toSorted()).toEqual([
      expect.stringMatching(/^INVALID_FIELD:.*xsd:double:Score__c --$/),
      expect.stringMatching(/^INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:/),
      'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --',
      'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --',
    ])
    expect(failed.every((row) => row['sf__Id'] === '')).toBe(true)
    expect(await client.results(info.id, 'unprocessedrecords')).toEqual([])
    expect(await client.count('Account')).toBe(1)
  })

  test('update leaves empty cells alone and clears by #N/A', async () => {
    const made = await client.run(insert, 'Name,Phone,Fax\nOne,111,222\n')
    const [row] = await client.results(made.id, 'successfulResults')
    const id = row?.['sf__Id'] ?? ''
    const info = await client.run(
      { object: 'account', operation: 'update' },
      `Id,Name,Phone,Fax\n${id.slice(0, 15)},,#N/A,333\n,X,,\n001000000000001AAA,X,,\n`,
    )
    expect(info).toMatchObject({ numberRecordsProcessed: 3, numberRecordsFailed: 2 })
    expect(await client.json('GET', `/sobjects/Account/${id}?fields=Name,Phone,Fax`)).toMatchObject(
      { Name: 'One', Phone: null, Fax: '333' },
    )
    const [updated] = await client.results(info.id, 'successfulResults')
    expect(updated).toMatchObject({ sf__Id: id, sf__Created: 'false', Id: id, Phone: '#N/A' })
  })

  test('upsert makes, finds without regard to case, and refuses keys that are blank or repeated', async () => {
    const job = { object: 'Account', operation: 'upsert', externalIdFieldName: 'external_id__c' }
    const first = await client.run(job, 'External_Id__c,Name\nk1,One\n,None\nK1,Again\n')
    expect(first).toMatchObject({ numberRecordsFailed: 2 })
    const second = await client.run(job, 'External_Id__c,Name\nK1,Changed\n')
    const [row] = await client.results(second.id, 'successfulResults')
    expect(row?.['sf__Created']).toBe('false')
    expect(await client.count('Account')).toBe(1)
    const duplicate = await client.run(insert, 'External_Id__c,Name\nk1,Other\n')
    const [failed] = await client.results(duplicate.id, 'failedResults')
    expect(failed?.['sf__Error']).toMatch(
      /^DUPLICATE_VALUE:duplicate value found: External_Id__c duplicates value on record with id: 001\w{12}:--$/,
    )
  })

  test('lookups must exist, by id or by the other record’s external id', async () => {
    const made = await client.run(insert, 'Name,External_Id__c\nParent,p1\n')
    const [parent] = await client.results(made.id, 'successfulResults')
    const id = parent?.['sf__Id'] ?? ''
    const info = await client.run(
      { object: 'Contact', operation: 'insert' },
      `LastName,AccountId\nA,${id}\nB,${id.slice(0, 14)}Z\nC,005000000000001AAA\n`,
    )
    expect(info.numberRecordsFailed).toBe(2)
    const errors = await client.results(info.id, 'failedResults')
    expect(errors.map((row) => row['sf__Error']?.split(':')[0]).toSorted()).toEqual([
      'INVALID_CROSS_REFERENCE_KEY',
      'MALFORMED_ID',
    ])
    const byKey = await client.run(
      { object: 'Contact', operation: 'insert' },
      'LastName,Account.External_Id__c\nD,P1\nE,nope\n',
    )
    expect(byKey).toMatchObject({ numberRecordsProcessed: 2, numberRecordsFailed: 1 })
  })

  test('delete keeps a record in the bin, hardDelete does not', async () => {
    const made = await client.run(insert, 'Name\nOne\nTwo\n')
    const ids = (await client.results(made.id, 'successfulResults')).map((row) => row['sf__Id'])
    const csv = `Id\n${ids.join('\n')}\n`
    await client.run({ object: 'Account', operation: 'delete' }, csv)
    expect(await client.count('Account')).toBe(0)
    const all = await client.json('GET', '/queryAll/?q=SELECT+Id,IsDeleted+FROM+Account')
    expect(all).toMatchObject({ totalSize: 2, records: [{ IsDeleted: true }, { IsDeleted: true }] })
    const again = await client.run({ object: 'Account', operation: 'delete' }, csv)
    const [failed] = await client.results(again.id, 'failedResults')
    expect(failed?.['sf__Error']).toBe('ENTITY_IS_DELETED:entity is deleted:--')
  })

  test('an unknown column, a ragged row or a wrong line ending fails the job', async () => {
    const unknown = await client.run(insert, 'Name,Nope\nA,1\nB,2\n')
    expect(unknown).toMatchObject({
      state: 'Failed',
      errorMessage: 'InvalidBatch : Field name not found : Nope',
      numberRecordsProcessed: 0,
    })
    expect(await client.results(unknown.id, 'unprocessedrecords')).toHaveLength(2)
    expect(await client.results(unknown.id, 'successfulResults')).toEqual([])
    const ending = await client.run(insert, 'Name,Phone\r\nA,1\r\n')
    expect(ending.errorMessage).toBe(
      'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF',
    )
    expect((await client.run(insert, 'Name,Phone\nA\n')).state).toBe('Failed')
    expect(await client.count('Account')).toBe(0)
  })

  test('all delimiters and CRLF, in results too', async () => {
    const job = { ...insert, columnDelimiter: 'PIPE', lineEnding: 'CRLF' }
    const info = await client.run(job, 'Name|Phone\r\n"A|B"|1\r\n')
    expect(info.state).toBe('JobComplete')
    const response = await client.call('GET', `/jobs/ingest/${info.id}/successfulResults/`)
    expect(response.headers.get('content-type')).toBe('text/csv; charset=UTF-8')
    expect(await response.text()).toMatch(/^"sf__Id"\|"sf__Created"\|.*\r\n.*"A\|B".*\r\n$/)
  })

  test('lines and columns of results are shuffled, the same way for the same seed', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `N${index}`)
    const csv = `Name,Phone,Fax,Site\n${names.map((name) => `${name},1,2,3`).join('\n')}\n`
    const info = await client.run(insert, csv)
    const order = (await client.results(info.id, 'successfulResults')).map((row) => row['Name'])
    expect(order).not.toEqual(names)
    expect(order.toSorted()).toEqual(names.toSorted())
    const again = (await client.results(info.id, 'successfulResults')).map((row) => row['Name'])
    expect(again).toEqual(order)
  })
})

describe('what may be called when', () => {
  test('create refuses what cannot become a job', async () => {
    const refused = async (job: object) => codeOf(await client.call('POST', '/jobs/ingest', job))
    expect(await refused({ object: 'Nope', operation: 'insert' })).toBe('INVALIDENTITY')
    expect(await refused({ object: 'Account', operation: 'merge' })).toBe('INVALIDJOB')
    expect(await refused({ object: 'Account', operation: 'upsert' })).toBe('INVALIDJOB')
    expect(
      await refused({ object: 'Account', operation: 'upsert', externalIdFieldName: 'Name' }),
    ).toBe('INVALIDJOB')
    await client.admin('PATCH', '/settings', { hardDeletePermission: false })
    expect(await refused({ object: 'Account', operation: 'hardDelete' })).toBe('FEATURENOTENABLED')
  })

  test('data is taken once, while the job is Open', async () => {
    const { id } = await client.createJob(insert)
    expect((await client.upload(id, 'Name\nA\n')).status).toBe(201)
    expect(await codeOf(await client.upload(id, 'Name\nB\n'))).toBe('INVALIDJOBSTATE')
    await client.abort(id)
    expect(await codeOf(await client.upload(id, 'Name\nC\n'))).toBe('INVALIDJOBSTATE')
    expect(await client.results(id, 'unprocessedrecords')).toEqual([{ Name: 'A' }])
    expect(await client.count('Account')).toBe(0)
  })

  test('a body that breaks off does not count as an upload', async () => {
    const { id } = await client.createJob(insert)
    await new Promise<void>((resolve) => {
      const upload = request(`${simulator.url}/services/data/v64.0/jobs/ingest/${id}/batches`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${client.token}`, 'content-length': '1000' },
      })
      upload.on('error', () => resolve())
      upload.write('Name\nHalf\n', () => setTimeout(() => upload.destroy(), 50))
      upload.on('close', () => resolve())
    })
    await expect
      .poll(async () => (await client.upload(id, 'Name\nWhole\n')).status, { timeout: 8_000 })
      .toBe(201)
    await client.close(id)
    expect(await client.finished(id)).toMatchObject({ numberRecordsProcessed: 1 })
  })

  test('delete only what is over, list in pages', async () => {
    const { id } = await client.createJob(insert)
    expect((await client.call('DELETE', `/jobs/ingest/${id}`)).status).toBe(400)
    await client.abort(id)
    expect((await client.call('DELETE', `/jobs/ingest/${id}/`)).status).toBe(204)
    expect((await client.call('GET', `/jobs/ingest/${id}`)).status).toBe(404)
    await client.admin('PATCH', '/settings', { jobListPageSize: 2 })
    for (let count = 0; count < 5; count += 1) await client.createJob(insert)
    let path: string | null = '/jobs/ingest'
    const seen: string[] = []
    while (path !== null) {
      // The shape is asserted by what follows.
      const page = (await client.json('GET', path)) as {
        records: { id: string }[]
        nextRecordsUrl?: string
      }
      seen.push(...page.records.map((job) => job.id))
      path = page.nextRecordsUrl ?? null
    }
    expect(new Set(seen).size).toBe(5)
  })
})
