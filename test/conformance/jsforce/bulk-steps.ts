import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import jsforce from 'jsforce'
import type { Step } from '../run-steps.ts'
import { idOf, insertAccounts, type JsforceContext, mark } from './connected.ts'

type BulkLoad = Parameters<jsforce.Connection['bulk2']['loadAndWaitForResults']>[0]

async function load({ connection }: JsforceContext, job: BulkLoad) {
  const results = await connection.bulk2.loadAndWaitForResults(job)
  const { successfulResults, failedResults, unprocessedRecords } = results
  return {
    ...results,
    counts: [successfulResults.length, failedResults.length, unprocessedRecords.length],
  }
}

/** Bulk API 2.0: jobs of each operation, empty ones, sessions that end, and queries. */
export function bulkSteps(): Step<JsforceContext>[] {
  const step = (name: string, run: Step<JsforceContext>['run']): Step<JsforceContext> => ({
    suite: 'bulk2',
    name,
    run,
  })
  const ids = async ({ connection }: JsforceContext, name: string) => {
    const records = await connection
      .sobject('Account')
      .find({ Name: { $like: `${name}%` } }, ['Id'])
    return records.map(({ Id }) => ({ Id: String(Id) }))
  }
  return [
    step('inserts, and says which row failed and why', async (context) => {
      const { counts, successfulResults, failedResults } = await load(context, {
        object: 'Account',
        operation: 'insert',
        input: [
          ...Array.from({ length: 200 }, (_, n) => ({ Name: 'Bulk', NumberOfEmployees: n })),
          { BillingState: 'CA' },
        ],
      })
      assert.deepEqual(counts, [200, 1, 0])
      assert.ok(successfulResults.every((row) => row.sf__Created === 'true' && row.sf__Id !== ''))
      assert.equal(failedResults[0]?.sf__Id, '')
      const missing = 'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --'
      assert.equal(failedResults[0]?.sf__Error, missing)
    }),
    step('updates', async (context) => {
      const input = await ids(context, await insertAccounts(context, 20))
      const { counts, successfulResults } = await load(context, {
        object: 'Account',
        operation: 'update',
        input: input.map(({ Id }) => ({ Id, Phone: '1' })),
      })
      assert.deepEqual(counts, [20, 0, 0])
      assert.ok(successfulResults.every((row) => row.sf__Created === 'false'))
    }),
    step('deletes', async (context) => {
      const input = await ids(context, await insertAccounts(context, 20))
      const { counts } = await load(context, { object: 'Account', operation: 'delete', input })
      assert.deepEqual(counts, [20, 0, 0])
    }),
    ...(['insert', 'delete'] as const).map((operation) =>
      step(`ends a job of nothing to ${operation}`, async (context) => {
        const { counts } = await load(context, { object: 'Account', operation, input: [] })
        assert.deepEqual(counts, [0, 0, 0])
      }),
    ),
    step('inserts from a stream', async (context) => {
      const rows = Array.from({ length: 100 }, (_, n) => `Streamed ${n},${n}\n`)
      const { counts } = await load(context, {
        object: 'Account',
        operation: 'insert',
        lineEnding: 'LF',
        input: Readable.from(['Name,NumberOfEmployees\n', ...rows]),
      })
      assert.deepEqual(counts, [100, 0, 0])
    }),
    step('upserts by Id with backquotes between the columns', async (context) => {
      const { counts, successfulResults } = await load(context, {
        object: 'Account',
        operation: 'upsert',
        columnDelimiter: 'BACKQUOTE',
        externalIdFieldName: 'Id',
        lineEnding: 'LF',
        input: Readable.from(['Name`Phone\n', ...Array.from({ length: 10 }, () => 'Quoted`1\n')]),
      })
      assert.deepEqual(counts, [10, 0, 0])
      assert.ok(successfulResults.every((row) => row.sf__Created === 'true'))
    }),
    step('queries', async ({ connection }) => {
      const stream = await connection.bulk2.query('SELECT Id, Name FROM BigTable__c')
      const records = await stream.toArray()
      assert.equal(records.length, 7_000)
      assert.ok(records.every(({ Id, Name }) => Id !== '' && Name !== ''))
    }),
    step('goes on with a new session where the old one ended', async (context) => {
      let refreshed = 0
      const other = new jsforce.Connection({
        instanceUrl: context.simulator.url,
        accessToken: 'invalid_token',
        refreshFn: (_connection, done) => {
          refreshed += 1
          done(null, context.simulator.accessToken)
        },
      })
      other.bulk2.pollInterval = 50
      const input = await ids(context, await insertAccounts(context, 100))
      const { counts } = await load(
        { ...context, connection: other },
        { object: 'Account', operation: 'delete', input },
      )
      assert.deepEqual([counts, refreshed], [[100, 0, 0], 1])
    }),
    step('fails where no new session can be had', async (context) => {
      const other = new jsforce.Connection({
        instanceUrl: context.simulator.url,
        accessToken: 'invalid_token',
      })
      await assert.rejects(
        load(
          { ...context, connection: other },
          { object: 'Account', operation: 'insert', input: [{ Name: 'Impossible' }] },
        ),
        { name: 'INVALID_SESSION_ID' },
      )
    }),
    ...[
      { count: 250, options: {} },
      { count: 20, options: { bulkThreshold: 0 } },
    ].flatMap(({ count, options }) => [
      step(`updates ${count} records that a query finds`, async (context) => {
        const name = await insertAccounts(context, count)
        const accounts = context.connection.sobject('Account')
        const found = { Name: { $like: `${name}%` } }
        const results = await accounts
          .find(found)
          .update({ Name: `\${Name} (Updated)` }, { ...options, bulkApiVersion: 2 })
        assert.equal(results.map(idOf).length, count)
        const records = await accounts.find(found, 'Id, Name, BillingState')
        assert.ok(records.every((record) => String(record['Name']).endsWith('(Updated)')))
      }),
      step(`deletes ${count} records that a query finds`, async (context) => {
        const name = await insertAccounts(context, count)
        const found = context.connection.sobject('Account').find({ Name: { $like: `${name}%` } })
        const results = await found.destroy({ ...options, bulkApiVersion: 2 })
        assert.equal(results.map(idOf).length, count)
        assert.equal((await ids(context, name)).length, 0)
      }),
    ]),
    step('does nothing where a query finds nothing', async ({ connection }) => {
      const accounts = connection.sobject('Account')
      const none = { Name: mark() }
      assert.deepEqual(await accounts.find(none).update({ Phone: '1' }, { bulkApiVersion: 2 }), [])
      assert.deepEqual(await accounts.find(none).destroy({ bulkApiVersion: 2 }), [])
    }),
  ]
}
