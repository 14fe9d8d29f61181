import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Step } from '../run-steps.ts'
import type { SalesforceCli } from './salesforce-cli.ts'

const ingested = z.looseObject({
  jobId: z.string(),
  processedRecords: z.number(),
  successfulRecords: z.number(),
  failedRecords: z.number(),
})
/** Upsert and delete tell of the job and of each record. */
const withRecords = z.looseObject({
  jobInfo: z.looseObject({ state: z.string(), numberRecordsProcessed: z.number() }),
  records: z.looseObject({
    successfulResults: z.array(z.unknown()),
    failedResults: z.array(z.unknown()),
    unprocessedRecords: z.array(z.unknown()),
  }),
})
const bulkResults = z.looseObject({
  processedRecords: z.number(),
  failedRecords: z.number(),
  status: z.string(),
  successFilePath: z.string(),
})
const found = z.looseObject({ records: z.array(z.looseObject({ Id: z.string() })) })

function write(cli: SalesforceCli, name: string, rows: readonly string[], end = '\n'): string {
  writeFileSync(join(cli.folder, name), rows.map((row) => row + end).join(''))
  return name
}

async function idsLike(cli: SalesforceCli, name: string): Promise<string[]> {
  const soql = `SELECT Id FROM Account WHERE Name LIKE '${name}' ORDER BY Name`
  return (await cli.json(found, ['data', 'query', '-q', soql])).records.map(({ Id }) => Id)
}

/** The bulk commands that change records, and the results of their jobs. */
export function bulkSteps(): Step<SalesforceCli>[] {
  const bulk = (command: string, file: string, ...flags: string[]): string[] => [
    ...['data', command, 'bulk', '-s', 'Account', '-f', file, ...flags],
  ]
  let asyncJob = ''
  let failedJob = ''
  return [
    {
      suite: 'data import bulk',
      name: 'waits for the job',
      async run(cli) {
        const rows = Array.from({ length: 250 }, (_, n) => `Imported ${n},"a, b ""c""",${n}`)
        const file = write(cli, 'import.csv', ['Name,Description,NumberOfEmployees', ...rows])
        const job = await cli.json(ingested, bulk('import', file, '-w', '2'))
        assert.deepEqual(
          [job.processedRecords, job.successfulRecords, job.failedRecords],
          [250, 250, 0],
        )
        assert.equal((await idsLike(cli, 'Imported %')).length, 250)
      },
    },
    {
      suite: 'data import bulk',
      name: 'takes CRLF and another delimiter',
      async run(cli) {
        const file = write(
          cli,
          'semicolon.csv',
          ['Name;Phone', 'Delimited 1;1', 'Delimited 2;2'],
          '\r\n',
        )
        const flags = ['-w', '2', '--line-ending', 'CRLF', '--column-delimiter', 'SEMICOLON']
        const job = await cli.json(ingested, bulk('import', file, ...flags))
        assert.equal(job.successfulRecords, 2)
      },
    },
    {
      suite: 'data import bulk',
      name: 'shows the job as it goes',
      async run(cli) {
        const file = write(cli, 'shown.csv', ['Name', 'Shown 1'])
        const text = await cli.text(bulk('import', file, '-w', '2'))
        assert.match(text, /JobComplete/)
      },
    },
    {
      suite: 'data import bulk',
      name: 'tells of rows that failed',
      async run(cli) {
        const file = write(cli, 'wrong.csv', ['Name,NumberOfEmployees', 'Fine,1', 'Wrong,many'])
        const failure = await cli.failure(bulk('import', file, '-w', '2'))
        assert.match(failure.message, /failed to process 1 records/)
        failedJob = z.looseObject({ jobId: z.string() }).parse(failure.data).jobId
      },
    },
    {
      suite: 'data import bulk',
      name: 'tells of a job that failed for its line endings',
      async run(cli) {
        const file = write(cli, 'endings.csv', ['Name,Phone', 'A,1', 'B,2'], '\r\n')
        const failure = await cli.failure(bulk('import', file, '-w', '2', '--line-ending', 'LF'))
        assert.match(failure.message, /LineEnding/i)
      },
    },
    {
      suite: 'data import resume',
      name: 'takes up a job that was left alone',
      async run(cli) {
        const file = write(cli, 'later.csv', ['Name', 'Later 1', 'Later 2'])
        asyncJob = (await cli.json(z.looseObject({ jobId: z.string() }), bulk('import', file)))
          .jobId
        const job = await cli.json(ingested, [
          'data',
          'import',
          'resume',
          '-i',
          asyncJob,
          '-w',
          '2',
        ])
        assert.equal(job.successfulRecords, 2)
      },
    },
    {
      suite: 'data bulk results',
      name: 'saves what succeeded',
      async run(cli) {
        const results = await cli.json(bulkResults, ['data', 'bulk', 'results', '-i', asyncJob])
        assert.equal(results.status, 'JobComplete')
        assert.equal(results.processedRecords, 2)
        const saved = readFileSync(join(cli.folder, results.successFilePath), 'utf8')
        assert.match(saved, /sf__Id/)
        assert.match(saved, /Later 2/)
      },
    },
    {
      suite: 'data bulk results',
      name: 'saves what failed',
      async run(cli) {
        const schema = bulkResults.extend({ failedFilePath: z.string() })
        const results = await cli.json(schema, ['data', 'bulk', 'results', '-i', failedJob])
        assert.deepEqual([results.processedRecords, results.failedRecords], [2, 1])
        const saved = readFileSync(join(cli.folder, results.failedFilePath), 'utf8')
        assert.match(saved, /sf__Error/)
        assert.match(saved, /many/)
      },
    },
    {
      suite: 'data bulk results',
      name: 'says that a job is not there',
      async run(cli) {
        const unknown = `${asyncJob.slice(0, 12)}zzz`
        const failure = await cli.failure(['data', 'bulk', 'results', '-i', unknown])
        assert.match(failure.message, /Can't find|invalid|not (be )?f(ou|i)nd/i)
      },
    },
    {
      suite: 'data update bulk',
      name: 'changes records',
      async run(cli) {
        const ids = await idsLike(cli, 'Imported 1%')
        const file = write(cli, 'update.csv', ['Id,Phone', ...ids.map((id) => `${id},555-0300`)])
        const job = await cli.json(ingested, bulk('update', file, '-w', '2'))
        assert.equal(job.successfulRecords, ids.length)
      },
    },
    {
      suite: 'data upsert bulk',
      name: 'makes and changes records by an external id',
      async run(cli) {
        const rows = (name: string): string[] => [
          'External_Id__c,Name',
          `cli-1,${name} 1`,
          `cli-2,${name} 2`,
        ]
        const flags = ['-i', 'External_Id__c', '-w', '2']
        const made = await cli.json(
          withRecords,
          bulk('upsert', write(cli, 'up1.csv', rows('Up')), ...flags),
        )
        assert.equal(made.records.successfulResults.length, 2)
        await cli.json(
          withRecords,
          bulk('upsert', write(cli, 'up2.csv', rows('Upserted')), ...flags),
        )
        assert.equal((await idsLike(cli, 'Upserted %')).length, 2)
        assert.equal((await idsLike(cli, 'Up _')).length, 0)
      },
    },
    {
      suite: 'data delete bulk',
      name: 'deletes records',
      async run(cli) {
        const ids = await idsLike(cli, 'Imported 2%')
        const file = write(cli, 'delete.csv', ['Id', ...ids])
        const job = await cli.json(withRecords, bulk('delete', file, '-w', '2'))
        assert.equal(job.records.successfulResults.length, ids.length)
        assert.equal((await idsLike(cli, 'Imported 2%')).length, 0)
      },
    },
    {
      suite: 'data delete bulk',
      name: 'deletes records for good, where the user may',
      async run(cli) {
        const ids = await idsLike(cli, 'Delimited %')
        const file = write(cli, 'hard.csv', ['Id', ...ids])
        const job = await cli.json(withRecords, bulk('delete', file, '-w', '2', '--hard-delete'))
        assert.equal(job.records.successfulResults.length, 2)
      },
    },
  ]
}
