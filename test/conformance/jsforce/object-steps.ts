import assert from 'node:assert/strict'
import type { Step } from '../run-steps.ts'
import { idOf, type JsforceContext } from './connected.ts'

/** The object of a relationship in a record that was queried. */
function related(record: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = record[name]
  assert.ok(typeof value === 'object' && value !== null, `${name} is no object`)
  // The line above makes sure of it; its keys are those that were asked for.
  return value as Record<string, unknown>
}

/** Whether each value is at least as large as the one before. */
function isSorted(values: readonly string[]): boolean {
  return values.every((value, n) => n === 0 || String(values[n - 1]) <= value)
}

/** Finding records of an object by conditions, sorting, and with what belongs to them. */
export function objectSteps(): Step<JsforceContext>[] {
  const step = (name: string, run: Step<JsforceContext>['run']): Step<JsforceContext> => ({
    suite: 'sobject',
    name,
    run,
  })
  return [
    step('finds with all fields', async ({ connection }) => {
      const [record] = await connection.sobject('Account').find().limit(1)
      assert.ok(record !== undefined && 'Phone' in record)
    }),
    step('finds by conditions', async ({ connection }) => {
      const accounts = connection.sobject('Account')
      const records = await accounts.find({ Name: { $like: 'Sample A%' } }, { Id: 1, Name: 1 })
      assert.equal(records.length, 12)
      assert.equal(await accounts.count({ Name: { $like: 'Sample A%' } }), 12)
      const one = await accounts.findOne({ Id: String(records[0]?.Id) })
      assert.equal(one?.['Name'], records[0]?.['Name'])
    }),
    step('sorts', async ({ connection }) => {
      const records = await connection
        .sobject('Opportunity')
        .find({}, { CloseDate: 1 })
        .sort('CloseDate', 'desc')
      assert.equal(records.length, 24)
      assert.ok(isSorted(records.map((record) => String(record['CloseDate'])).reverse()))
    }),
    step('sorts by a parent and then backwards', async ({ connection }) => {
      const records = await connection
        .sobject('Opportunity')
        .find({}, { 'Account.Name': 1, CloseDate: 1 })
        .sort('Account.Name -CloseDate')
      const keys = records.map((record) => ({
        name: String(related(record, 'Account')['Name']),
        date: String(record['CloseDate']),
      }))
      assert.ok(isSorted(keys.map(({ name }) => name)))
      for (const [n, key] of keys.entries()) {
        const before = keys[n - 1]
        assert.ok(before === undefined || before.name !== key.name || before.date >= key.date)
      }
    }),
    step('sorts by the owner, with a limit', async ({ connection }) => {
      const records = await connection
        .sobject('Opportunity')
        .find({}, { 'Owner.Name': 1, CloseDate: 1 })
        .sort({ 'Owner.Name': 1, CloseDate: -1 })
        .limit(10)
      assert.equal(records.length, 10)
    }),
    step('selects all fields of a record and of its parent', async ({ connection }) => {
      const records = await connection
        .sobject('Opportunity')
        .select('*, Account.*, Owner.Name')
        .limit(3)
      for (const record of records) {
        assert.ok('CloseDate' in record)
        assert.ok('Phone' in related(record, 'Account'))
        assert.notEqual(related(record, 'Owner')['Name'], '')
      }
      assert.equal(records.length, 3)
    }),
    step('includes children', async ({ connection }) => {
      const records = await connection
        .sobject('Account')
        .find({ Name: { $like: 'Sample A%' } }, 'Id')
        .include('Contacts')
        .select('*')
        .limit(2)
        .end()
        .include('Opportunities', null, 'Id, Name', { limit: 1 })
        .end()
        .limit(10)
      assert.equal(records.length, 10)
      for (const record of records) {
        assert.ok(!('Name' in record))
        assert.equal(related(record, 'Contacts')['totalSize'], 2)
        assert.equal(related(record, 'Opportunities')['totalSize'], 1)
      }
    }),
    step('updates with and without expressions', async ({ connection }) => {
      const accounts = connection.sobject('Account')
      const id = idOf(await accounts.create({ Name: 'Plain' }))
      await accounts.find({ Id: id }).update({ Name: `\${Name} (Updated)` })
      assert.equal((await accounts.retrieve(id))['Name'], 'Plain (Updated)')
      const literal = `\${Name} (No Eval)`
      await accounts.find({ Id: id }).update({ Name: literal }, { skipRecordTemplateEval: true })
      assert.equal((await accounts.retrieve(id))['Name'], literal)
      await accounts.destroy(id)
    }),
  ]
}
