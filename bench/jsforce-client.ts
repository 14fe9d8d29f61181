import { createReadStream } from 'node:fs'
import jsforce from 'jsforce'
import { type ClientRun, clientTaskSchema, ownUse } from './bulk/client-run.ts'
import { requestToken } from './bulk/request-token.ts'

/** The whole file in one upstream job by jsforce's `bulk2`, which reads all results into memory. */

const POLL_MS = 500
const LONGEST_MS = 3_600_000

const started = performance.now()
const task = clientTaskSchema.parse(JSON.parse(process.argv[2] ?? ''))
const connection = new jsforce.Connection({
  instanceUrl: task.orgUrl,
  accessToken: await requestToken(task),
  version: task.apiVersion,
})
const results = await connection.bulk2.loadAndWaitForResults({
  object: 'Account',
  operation: 'insert',
  lineEnding: 'LF',
  input: createReadStream(task.csv),
  pollInterval: POLL_MS,
  pollTimeout: LONGEST_MS,
})
const run: ClientRun = {
  jobs: 1,
  successful: results.successfulResults.length,
  failed: results.failedResults.length,
  unprocessed: results.unprocessedRecords.length,
  wallMs: performance.now() - started,
  ...ownUse(),
}
process.stdout.write(`${JSON.stringify(run)}\n`)
