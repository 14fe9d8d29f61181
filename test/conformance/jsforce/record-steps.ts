import assert from 'node:assert/strict'
import type { Step } from '../run-steps.ts'
import { idOf, type JsforceContext, mark } from './connected.ts'

const TABLE = 'UpsertTable__c'
const KEY = 'ExtId__c'

/** Single records, several at once, and upserts by an external id. */
export function recordSteps(): Step<JsforceContext>[] {
  const step = (name: string, run: Step<JsforceContext>['run']): Step<JsforceContext> => ({
    suite: 'crud',
    name,
    run,
  })
  let accountId = ''
  let accountIds: string[] = []
  const key = mark()
  let keyed = ''
  return [
    step('creates one record', async ({ connection }) => {
      accountId = idOf(await connection.sobject('Account').create({ Name: 'Hello' }))
      assert.match(accountId, /^001\w{15}$/)
    }),
    step('retrieves it with its attributes', async ({ connection }) => {
      const record = await connection.sobject('Account').retrieve(accountId)
      assert.equal(record.Id, accountId)
      assert.equal(record.attributes?.type, 'Account')
    }),
    step('updates it', async ({ connection }) => {
      const account = connection.sobject('Account').record(accountId)
      idOf(await account.update({ Name: 'Hello2' }))
      assert.equal((await account.retrieve())['Name'], 'Hello2')
    }),
    step('updates it with headers', async ({ connection }) => {
      const options = { headers: { 'Sforce-Auto-Assign': 'FALSE' } }
      const account = connection.sobject('Account').record(accountId)
      idOf(await account.update({ Name: 'Hello3' }, options))
      assert.equal((await account.retrieve(options))['Name'], 'Hello3')
    }),
    step('creates several records', async ({ connection }) => {
      const made = await connection
        .sobject('Account')
        .create([{ Name: 'Account #1' }, { Name: 'Account #2' }])
      accountIds = made.map(idOf)
      assert.equal(accountIds.length, 2)
    }),
    step('retrieves several records in order', async ({ connection }) => {
      const records = await connection.sobject('Account').retrieve(accountIds)
      assert.deepEqual(
        records.map(({ Name }) => Name),
        ['Account #1', 'Account #2'],
      )
    }),
    step('updates several records', async ({ connection }) => {
      const updated = await connection
        .sobject('Account')
        .update(accountIds.map((Id) => ({ Id, Name: 'Updated' })))
      assert.deepEqual(updated.map(idOf), accountIds)
      const records = await connection.sobject('Account').retrieve(accountIds)
      assert.deepEqual(
        records.map(({ Name }) => Name),
        ['Updated', 'Updated'],
      )
    }),
    step('deletes several records, which are null afterwards', async ({ connection }) => {
      const deleted = await connection.sobject('Account').destroy(accountIds)
      assert.deepEqual(deleted.map(idOf), accountIds)
      assert.deepEqual(await connection.sobject('Account').retrieve(accountIds), [null, null])
    }),
    step('upserts a new record', async ({ connection }) => {
      const made = await connection.sobject(TABLE).upsert({ Name: 'New', [KEY]: key }, KEY)
      keyed = idOf(made)
      assert.equal(made.created, true)
    }),
    step('upserts an existing record', async ({ connection }) => {
      const found = await connection.sobject(TABLE).upsert({ Name: 'Changed', [KEY]: key }, KEY)
      assert.equal(idOf(found), keyed)
      assert.equal(found.created, false)
      assert.equal((await connection.sobject(TABLE).retrieve(keyed))['Name'], 'Changed')
    }),
    step('is given the choices where two records match', async ({ connection }) => {
      await connection.sobject(TABLE).create({ Name: 'Twin', [KEY]: key })
      await assert.rejects(
        connection.sobject(TABLE).upsert({ Name: 'Neither', [KEY]: key }, KEY),
        (error: Error & { data?: unknown }) => {
          assert.equal(error.name, 'MULTIPLE_CHOICES')
          assert.ok(Array.isArray(error.data) && error.data.length === 2)
          assert.match(String(error.data[0]), /\/sobjects\/UpsertTable__c\//)
          return true
        },
      )
    }),
    ...['45.0', '50.0'].map((version) =>
      step(`upserts five records by version ${version}`, async (context) => {
        const { connection } = context
        const before = connection.version
        connection.version = version
        try {
          const records = Array.from({ length: 5 }, (_, n) => ({
            Name: `Five ${n}`,
            [KEY]: `${mark()}-${n}`,
          }))
          const results = await connection.sobject(TABLE).upsert(records, KEY)
          assert.equal(new Set(results.map(idOf)).size, 5)
          await connection.sobject(TABLE).destroy(results.map(idOf))
        } finally {
          connection.version = before
        }
      }),
    ),
    step('rolls all of an upsert back for one wrong record', async ({ connection }) => {
      const prefix = mark()
      const records = Array.from({ length: 5 }, (_, n) => ({
        Name: `All or none ${n}`,
        [KEY]: `${prefix}-${n}`,
        ...(n === 2 ? { OwnerId: 'INVALID_OWNER' } : {}),
      }))
      const results = await connection.sobject(TABLE).upsert(records, KEY, { allOrNone: true })
      const codes = results.map(({ success, errors }) => {
        assert.equal(success, false)
        return (errors[0] as { statusCode?: string } | undefined)?.statusCode
      })
      const other = 'ALL_OR_NONE_OPERATION_ROLLED_BACK'
      assert.deepEqual(codes, [other, other, 'MALFORMED_ID', other, other])
      const keys = records.map((record) => record[KEY])
      const left = await connection.sobject(TABLE).find({ [KEY]: { $in: keys } })
      assert.equal(left.length, 0)
    }),
    step('searches', async (context) => {
      const name = mark()
      await context.connection.sobject('Account').create({ Name: `Searched ${name}` })
      const { searchRecords } = await context.connection.search(
        `FIND {"${name}"} IN NAME FIELDS RETURNING Account(Id, Name)`,
      )
      assert.equal(searchRecords.length, 1)
    }),
  ]
}
