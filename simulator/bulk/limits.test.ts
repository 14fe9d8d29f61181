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
const set = (settings: object) => client.admin('PATCH', '/settings', settings)

/** Runs a job that must fail as a whole and gives why. */
async function failure(csv: string, job: object = insert): Promise<string | undefined> {
  const info = await client.run(job, csv)
  expect(info).toMatchObject({ state: 'Failed', numberRecordsProcessed: 0 })
  return info.errorMessage
}

describe('what fails a file', () => {
  test('a value, a record or a header that is too large', async () => {
    const text = (length: number) => 'x'.repeat(length)
    const most = `Name,Description\nA,${text(131_072)}\n`
    // The field itself takes less: the row is refused, not the job.
    expect(await client.run(insert, most)).toMatchObject({
      state: 'JobComplete',
      numberRecordsFailed: 1,
    })
    expect(await failure(`Name,Description\nA,${text(131_073)}\n`)).toContain('131073')
    await set({ bulkFieldCharacters: 32_000 })
    expect(await failure(`Name,Description\nA,${text(32_001)}\n`)).toMatch(/^InvalidBatch : /)
    await set({ bulkFieldCharacters: 500_000 })
    expect(await failure(`Name,Description\nA,${text(400_001)}\n`)).toContain('400000')
    expect(await failure(`${Array(5_001).fill('Name').join(',')}\n`)).toContain('5001')
  })

  test('a byte order mark, unless the org is told to drop it', async () => {
    expect(await failure('\ufeffName\nA\n')).toBe(
      'InvalidBatch : Field name not found : \ufeffName',
    )
    expect(await failure('\ufeff"Name"\nA\n')).toBe(
      'InvalidBatch : Failed to parse CSV. Found unescaped quote. A value with quote should be within a quote',
    )
    await set({ bulkByteOrderMark: 'drop' })
    const info = await client.run(insert, '\ufeff"Name"\nA\n')
    expect(info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1 })
    const [row] = await client.results(info.id, 'successfulResults')
    expect(row).toMatchObject({ Name: 'A' })
  })

  test('quotes that do not enclose a value, and the other line ending', async () => {
    expect(await failure('Name\nA "B" C\n')).toContain('Found unescaped quote')
    expect(await failure('Name\n"A" B\n')).toContain('Found unescaped quote')
    expect(await failure('Name\n"A\n')).toContain('never closed')
    const crlf = { ...insert, lineEnding: 'CRLF' }
    expect(await failure('Name\nA\n', crlf)).toBe(
      'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is CRLF',
    )
  })
})

test('an object that the org writes by itself fails the job', async () => {
  expect(
    await failure('StageName\nX\n', { object: 'OpportunityHistory', operation: 'insert' }),
  ).toBe('InvalidJob : No create access for object:OpportunityHistory')
})

describe('nothing to do', () => {
  test.each(['', 'Name\n', 'Name'])(
    'a job of %j is complete, its results are empty',
    async (csv) => {
      const info = await client.run(insert, csv)
      expect(info).toMatchObject({
        state: 'JobComplete',
        numberRecordsProcessed: 0,
        numberRecordsFailed: 0,
      })
      for (const which of ['successfulResults', 'failedResults', 'unprocessedrecords'] as const) {
        expect(await client.results(info.id, which)).toEqual([])
      }
    },
  )

  test('a column that nobody may write is no harm while its cells are empty', async () => {
    const info = await client.run(insert, 'Name,CreatedDate\nA,\nB,2026-01-01T00:00:00Z\n')
    expect(info).toMatchObject({ numberRecordsProcessed: 2, numberRecordsFailed: 1 })
    const [failed] = await client.results(info.id, 'failedResults')
    expect(failed?.['sf__Error']).toMatch(/^INVALID_FIELD_FOR_INSERT_UPDATE:.*:CreatedDate --$/)
  })
})

describe('each delimiter', () => {
  test.each([
    ['BACKQUOTE', '`'],
    ['CARET', '^'],
    ['COMMA', ','],
    ['PIPE', '|'],
    ['SEMICOLON', ';'],
    ['TAB', '\t'],
  ])('%s works with both line endings and quotes results', async (columnDelimiter, mark) => {
    for (const [lineEnding, ending] of [
      ['LF', '\n'],
      ['CRLF', '\r\n'],
    ]) {
      const csv = [`Name${mark}Phone`, `"a${mark}b""c"${mark}1`, `${mark}`, ''].join(ending)
      const info = await client.run({ ...insert, columnDelimiter, lineEnding }, csv)
      // A row of empty cells is a row: it fails, it does not vanish.
      expect(info).toMatchObject({ numberRecordsProcessed: 2, numberRecordsFailed: 1 })
      const path = `/jobs/ingest/${info.id}/successfulResults`
      const text = await (await client.call('GET', path)).text()
      expect(text).toContain(`"a${mark}b""c"`)
      expect(text.startsWith(`"sf__Id"${mark}"sf__Created"${mark}`)).toBe(true)
      expect(text.split(ending ?? '')).toHaveLength(3)
    }
  })
})

describe('one chunk', () => {
  test('saves a record once: the second row with its id is refused', async () => {
    const made = await client.run(insert, 'Name\nA\nB\n')
    const [a = '', b = ''] = (await client.results(made.id, 'successfulResults')).map(
      (row) => row['sf__Id'],
    )
    const update = await client.run(
      { object: 'Account', operation: 'update' },
      `Id,Phone\n${a},1\n${b},2\n${a.slice(0, 15)},3\n`,
    )
    const [failed] = await client.results(update.id, 'failedResults')
    expect(failed).toMatchObject({
      sf__Id: a,
      sf__Error: `DUPLICATE_VALUE:Duplicate id specified: ${a}:Id --`,
    })
    const deleted = await client.run({ object: 'Account', operation: 'delete' }, `Id\n${a}\n${a}\n`)
    expect(deleted.numberRecordsFailed).toBe(1)
    expect(await client.count('Account')).toBe(1)
  })

  test('keeps external ids apart whose case counts', async () => {
    const key = (name: string, caseSensitive: boolean) => ({
      ...{ type: 'text', name, length: 20 },
      ...{ externalId: true, unique: caseSensitive, caseSensitive },
    })
    await client.admin('POST', '/objects', {
      name: 'Part',
      label: 'Part',
      fields: [key('Exact', true), key('Loose', false)],
    })
    const upsert = (field: string) =>
      client.run(
        { object: 'Part__c', operation: 'upsert', externalIdFieldName: field },
        `Name,${field}\nA,a\nB,A\n`,
      )
    const exact = await upsert('Exact__c')
    expect(await client.results(exact.id, 'failedResults')).toEqual([])
    expect(await upsert('Loose__c')).toMatchObject({ numberRecordsFailed: 1 })
  })

  test('the same id in another chunk is another write', async () => {
    const made = await client.run(insert, 'Name\nA\n')
    const [row] = await client.results(made.id, 'successfulResults')
    const csv = `Id,Phone\n${row?.['sf__Id']},1\n${',x\n'.repeat(199)}${row?.['sf__Id']},2\n`
    const info = await client.run({ object: 'Account', operation: 'update' }, csv)
    expect(info).toMatchObject({ numberRecordsProcessed: 201, numberRecordsFailed: 199 })
  })
})

describe('the allowance of a day', () => {
  test('of batches: jobs break off, new ones are refused, and the next day is another', async () => {
    await set({ bulkBatchesMax: 4, internalBatchRows: 2 })
    // A parent batch and three of rows.
    const info = await client.run(insert, `Name\n${'A\n'.repeat(8)}`)
    expect(info).toMatchObject({
      state: 'Failed',
      errorMessage: 'ExceededQuota : ApiBatchItems Limit exceeded.',
      numberRecordsProcessed: 6,
    })
    expect(await client.results(info.id, 'unprocessedrecords')).toHaveLength(2)
    const left = async () =>
      ((await client.json('GET', '/limits')) as Record<string, object>)['DailyBulkApiBatches']
    expect(await left()).toEqual({ Max: 4, Remaining: 0 })
    const refused = await client.call('POST', '/jobs/ingest', insert)
    expect(refused.status).toBe(400)
    expect(errorSchema.parse(await refused.json())[0]?.errorCode).toBe('EXCEEDEDQUOTA')
    await set({ jobClockOffsetMs: 25 * 3_600_000 })
    const { id } = await client.run(insert, 'Name\nA\n')
    expect(await left()).toEqual({ Max: 4, Remaining: 2 })
    expect((await client.call('DELETE', `/jobs/ingest/${id}`)).status).toBe(204)
    expect(await left()).toEqual({ Max: 4, Remaining: 2 })
  })

  test('may be used up to the last batch and the last record', async () => {
    await set({ bulkBatchesMax: 4, bulkRecordsMax: 6, internalBatchRows: 2 })
    const info = await client.run(insert, `Name\n${'A\n'.repeat(6)}`)
    expect(info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 6 })
  })

  test('of records: the rest stays unprocessed', async () => {
    await set({ bulkRecordsMax: 5, internalBatchRows: 3, bulkParallelBatches: 3 })
    const info = await client.run(insert, 'Name\nA\nB\nC\nD\nE\nF\nG\n')
    expect(info).toMatchObject({ state: 'Failed', numberRecordsProcessed: 5 })
    expect(info.errorMessage).toMatch(/^ExceededQuota : /)
    const rest = await client.results(info.id, 'unprocessedrecords')
    expect(rest.map((row) => row['Name']).toSorted()).toEqual(['F', 'G'])
  })
})
