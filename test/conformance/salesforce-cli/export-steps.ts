import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Step } from '../run-steps.ts'
import type { SalesforceCli } from './salesforce-cli.ts'

const exported = z.looseObject({ totalSize: z.number(), filePath: z.string() })

function csvLines(cli: SalesforceCli, name: string): string[] {
  const text = readFileSync(join(cli.folder, name), 'utf8')
  return text.split(/\r?\n/).filter((line) => line !== '')
}

/** `data export bulk`. */
export function exportSteps(): Step<SalesforceCli>[] {
  const step = (name: string, run: Step<SalesforceCli>['run']): Step<SalesforceCli> => ({
    suite: 'data export bulk',
    name,
    run,
  })
  const command = (soql: string, file: string, ...flags: string[]): string[] => [
    ...['data', 'export', 'bulk', '-q', soql, '--output-file', file, ...flags],
  ]
  return [
    step('into a CSV file', async (cli) => {
      const soql = 'SELECT Id, Name FROM BigTable__c'
      const result = await cli.json(exported, command(soql, 'big.csv', '-r', 'csv', '-w', '2'))
      assert.equal(result.totalSize, 7_000)
      const lines = csvLines(cli, 'big.csv')
      assert.equal(lines[0]?.replaceAll('"', ''), 'Id,Name')
      assert.equal(lines.length, 7_001)
    }),
    step('into a JSON file', async (cli) => {
      const soql = "SELECT Name, Phone FROM Account WHERE Name LIKE 'Sample Account%'"
      await cli.json(exported, command(soql, 'out.json', '-r', 'json', '-w', '2'))
      const records: unknown = JSON.parse(readFileSync(join(cli.folder, 'out.json'), 'utf8'))
      const parsed = z.array(z.looseObject({ Name: z.string(), Phone: z.string() })).parse(records)
      assert.equal(parsed.length, 12)
    }),
    step('with another delimiter', async (cli) => {
      const soql = "SELECT Name, Phone FROM Account WHERE Name LIKE 'Sample Account%'"
      const flags = ['-r', 'csv', '-w', '2', '--column-delimiter', 'PIPE']
      await cli.json(exported, command(soql, 'pipe.csv', ...flags))
      assert.equal(csvLines(cli, 'pipe.csv')[0]?.replaceAll('"', ''), 'Name|Phone')
    }),
    step('with deleted records', async (cli) => {
      const soql = "SELECT Name FROM Account WHERE Name = 'Command Line'"
      const flags = ['-r', 'csv', '-w', '2']
      const live = await cli.json(exported, command(soql, 'live.csv', ...flags))
      assert.equal(live.totalSize, 0)
      const all = await cli.json(exported, command(soql, 'all.csv', ...flags, '--all-rows'))
      assert.equal(all.totalSize, 1)
    }),
    step('that is taken up later', async (cli) => {
      const soql = "SELECT Name FROM Account WHERE Name LIKE 'Sample Account%'"
      const started = await cli.json(
        z.looseObject({ jobId: z.string() }),
        command(soql, 'resumed.csv', '-r', 'csv'),
      )
      await cli.json(exported, ['data', 'export', 'resume', '-i', started.jobId])
      assert.equal(csvLines(cli, 'resumed.csv').length, 13)
    }),
    step('says what Bulk cannot query', async (cli) => {
      const soql = 'SELECT COUNT(Id) FROM Account'
      const failure = await cli.failure(command(soql, 'refused.csv', '-r', 'csv', '-w', '2'))
      assert.notEqual(failure.message, '')
    }),
  ]
}
