import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import jsforce from 'jsforce'
import type { Step } from '../run-steps.ts'
import { idOf, insertAccounts, type JsforceContext, mark } from './connected.ts'

const BIG = 'SELECT Id, Name FROM BigTable__c'
const BIG_ROWS = 7_000
const NONE = { CreatedDate: { $lt: new jsforce.SfDate('1970-01-01T00:00:00Z') } }

/** Queries, their pages and streams, and what is done to the records that they find. */
export function querySteps(): Step<JsforceContext>[] {
  const step = (name: string, run: Step<JsforceContext>['run']): Step<JsforceContext> => ({
    suite: 'query',
    name,
    run,
  })
  return [
    step('returns records', async ({ connection }) => {
      const result = await connection.query('SELECT Id, Name FROM Account')
      assert.ok(result.totalSize >= 12 && result.done)
    }),
    step('finds deleted records where it scans all', async ({ connection }) => {
      const id = idOf(await connection.sobject('Account').create({ Name: 'Deleted' }))
      await connection.sobject('Account').destroy(id)
      const soql = `SELECT Id, IsDeleted FROM Account WHERE IsDeleted = true AND Id = '${id}'`
      const all = await connection.query(soql, { scanAll: true })
      assert.equal(all.totalSize, 1)
      assert.equal((await connection.query(soql)).totalSize, 0)
    }),
    step('follows the pages', async ({ connection }) => {
      let page = await connection.query(BIG)
      assert.deepEqual([page.totalSize, page.records.length, page.done], [BIG_ROWS, 2_000, false])
      const ids = new Set(page.records.map(({ Id }) => Id))
      while (page.nextRecordsUrl !== undefined) {
        page = await connection.queryMore(page.nextRecordsUrl)
        for (const { Id } of page.records) ids.add(Id)
      }
      assert.equal(ids.size, BIG_ROWS)
    }),
    ...[2_000, 5_000, 5_999, 6_000, 6_001, 5_000_000].map((maxFetch) =>
      step(`fetches up to ${maxFetch} records by itself`, async ({ connection }) => {
        const result = await connection.query(BIG, { autoFetch: true, maxFetch })
        assert.equal(result.totalSize, BIG_ROWS)
        assert.equal(result.records.length, Math.min(maxFetch, BIG_ROWS))
      }),
    ),
    step('counts', async ({ connection }) => {
      assert.equal(
        await connection.query('SELECT COUNT() FROM BigTable__c').then((r) => r.totalSize),
        BIG_ROWS,
      )
    }),
    step('streams to a reader that is slow', async ({ connection }) => {
      let count = 0
      const slow = new Writable({
        objectMode: true,
        highWaterMark: 10,
        write(_record, _encoding, done) {
          count += 1
          if (count % 500 === 0) setTimeout(done, 20)
          else done()
        },
      })
      const query = connection.query(BIG)
      await pipeline(query.run({ autoFetch: true, maxFetch: 5_000 }).stream('record'), slow)
      assert.equal(count, 5_000)
    }),
    step('streams CSV', async ({ connection }) => {
      const chunks: Buffer[] = []
      for await (const chunk of connection
        .query('SELECT Id, Name FROM Account LIMIT 10')
        .stream('csv')) {
        chunks.push(Buffer.from(chunk))
      }
      const lines = Buffer.concat(chunks).toString('utf8').trim().split('\n')
      assert.deepEqual([lines[0], lines.length], ['Id,Name', 11])
    }),
    step('explains a query', async ({ connection }) => {
      const soql = 'SELECT Id, Name FROM Account ORDER BY CreatedDate DESC LIMIT 10'
      const { plans } = await connection.query(soql).explain()
      assert.ok(plans.length > 0)
      for (const plan of plans) {
        assert.equal(typeof plan.cardinality, 'number')
        assert.ok(Array.isArray(plan.fields))
        assert.equal(typeof plan.leadingOperationType, 'string')
        assert.equal(typeof plan.relativeCost, 'number')
        assert.equal(typeof plan.sobjectCardinality, 'number')
        assert.equal(plan.sobjectType, 'Account')
      }
    }),
    ...[20, 300].flatMap((count) => [
      step(`updates ${count} records that it finds, without Bulk`, async (context) => {
        const name = await insertAccounts(context, count)
        const accounts = context.connection.sobject('Account')
        const found = { Name: { $like: `${name}%` } }
        const changes = { Name: `\${Name} (Updated)`, BillingState: null }
        const results = await accounts.find(found).update(changes, { allowBulk: false })
        assert.equal(results.map(idOf).length, count)
        const records = await accounts.find(found, 'Id, Name, BillingState')
        assert.equal(records.length, count)
        assert.ok(records.every((record) => String(record['Name']).endsWith('(Updated)')))
      }),
      step(`deletes ${count} records that it finds, without Bulk`, async (context) => {
        const name = await insertAccounts(context, count)
        const found = context.connection.sobject('Account').find({ Name: { $like: `${name}%` } })
        const results = await found.destroy({ allowBulk: false })
        assert.equal(results.map(idOf).length, count)
      }),
    ]),
    step('updates and deletes nothing where it finds nothing', async ({ connection }) => {
      const accounts = connection.sobject('Account')
      assert.deepEqual(await accounts.find(NONE).update({ BillingState: null }), [])
      assert.deepEqual(await accounts.find(NONE).destroy(), [])
    }),
    step('creates more than a collection holds', async ({ connection }) => {
      const name = mark()
      const records = Array.from({ length: 300 }, (_, n) => ({ Name: `${name} ${n}` }))
      const made = await connection.sobject('Account').create(records, { allowRecursive: true })
      assert.equal(made.map(idOf).length, 300)
    }),
  ]
}
