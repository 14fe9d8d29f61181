import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Step } from '../run-steps.ts'
import type { SalesforceCli } from './salesforce-cli.ts'

const queryResult = z.looseObject({
  totalSize: z.number(),
  done: z.boolean(),
  records: z.array(z.record(z.string(), z.unknown())),
})
const SAMPLES = "Name LIKE 'Sample Account%'"

function query(soql: string, ...flags: string[]): string[] {
  return ['data', 'query', '-q', soql, ...flags]
}

function lines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== '')
}

/** `data query` in all its formats. */
export function querySteps(): Step<SalesforceCli>[] {
  const step = (name: string, run: Step<SalesforceCli>['run']): Step<SalesforceCli> => ({
    suite: 'data query',
    name,
    run,
  })
  return [
    step('as JSON', async (cli) => {
      const result = await cli.json(
        queryResult,
        query(`SELECT Id, Name FROM Account WHERE ${SAMPLES} ORDER BY Name`),
      )
      assert.equal(result.totalSize, 12)
      assert.equal(result.records[0]?.['Name'], 'Sample Account 00')
    }),
    step('as a table', async (cli) => {
      const text = await cli.text(
        query(`SELECT Name, Phone FROM Account WHERE ${SAMPLES} ORDER BY Name`),
      )
      assert.match(text, /NAME\s*│\s*PHONE/)
      assert.match(text, /Sample Account 03\s*│\s*555-0103/)
      assert.match(text, /Total number of records retrieved: 12/)
    }),
    step('as CSV', async (cli) => {
      const text = await cli.text(
        query(`SELECT Name, Phone FROM Account WHERE ${SAMPLES} ORDER BY Name`, '-r', 'csv'),
      )
      assert.deepEqual(lines(text).slice(0, 2), ['Name,Phone', 'Sample Account 00,555-0100'])
    }),
    step('from a file into a file', async (cli) => {
      writeFileSync(join(cli.folder, 'query.soql'), `SELECT Name FROM Account WHERE ${SAMPLES}`)
      await cli.text([
        'data',
        'query',
        '-f',
        'query.soql',
        '-r',
        'csv',
        '--output-file',
        'found.csv',
      ])
      assert.equal(lines(readFileSync(join(cli.folder, 'found.csv'), 'utf8')).length, 13)
    }),
    step('with columns of parents', async (cli) => {
      const text = await cli.text(
        query(
          'SELECT LastName, Account.Name, Owner.Name FROM Contact ORDER BY LastName',
          '-r',
          'csv',
        ),
      )
      assert.equal(lines(text)[0], 'LastName,Account.Name,Owner.Name')
      assert.match(lines(text)[1] ?? '', /^Sample 00-0,Sample Account 00,\S/)
    }),
    step('with children', async (cli) => {
      const text = await cli.text(
        query(
          `SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE ${SAMPLES} ORDER BY Name`,
        ),
      )
      assert.match(text, /Sample Account 11/)
      assert.match(text, /Sample 11-1/)
    }),
    step('of aggregates', async (cli) => {
      const soql = 'SELECT StageName, COUNT(Id) number FROM Opportunity GROUP BY StageName'
      assert.match(await cli.text(query(soql)), /Prospecting\s*│\s*24/)
      const result = await cli.json(queryResult, query(soql))
      assert.equal(result.records[0]?.['number'], 24)
    }),
    step('of a count', async (cli) => {
      const result = await cli.json(
        queryResult,
        query(`SELECT COUNT() FROM Account WHERE ${SAMPLES}`),
      )
      assert.equal(result.totalSize, 12)
      assert.match(await cli.text(query(`SELECT COUNT() FROM Account WHERE ${SAMPLES}`)), /12/)
    }),
    step('over several pages', async (cli) => {
      const result = await cli.json(queryResult, query('SELECT Id FROM BigTable__c'))
      assert.equal(result.records.length, 7_000)
    }),
    step('of nothing', async (cli) => {
      const result = await cli.json(queryResult, query("SELECT Id FROM Account WHERE Name = '-'"))
      assert.equal(result.totalSize, 0)
    }),
    step('with deleted records', async (cli) => {
      const deleted = "SELECT Name FROM Account WHERE Name = 'Command Line'"
      assert.equal((await cli.json(queryResult, query(deleted))).totalSize, 0)
      assert.equal((await cli.json(queryResult, query(deleted, '--all-rows'))).totalSize, 1)
    }),
    step('says what is wrong with a query', async (cli) => {
      const field = await cli.failure(query('SELECT Nope FROM Account'))
      assert.equal(field.name, 'INVALID_FIELD')
      assert.match(field.message, /No such column 'Nope' on entity 'Account'/)
      assert.equal((await cli.failure(query('SELECT FROM Account'))).name, 'MALFORMED_QUERY')
      assert.equal((await cli.failure(query('SELECT Id FROM Nope'))).name, 'INVALID_TYPE')
    }),
  ]
}
