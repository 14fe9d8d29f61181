import assert from 'node:assert/strict'
import type { Step } from '../run-steps.ts'
import { idOf, type JsforceContext } from './connected.ts'

const MINUTE_MS = 60_000

/** Describe, recent and changed records, identity and limits. */
export function metadataSteps(): Step<JsforceContext>[] {
  const step = (name: string, run: Step<JsforceContext>['run']): Step<JsforceContext> => ({
    suite: 'metadata',
    name,
    run,
  })
  const lastMinute = (): [Date, Date] => [new Date(Date.now() - MINUTE_MS), new Date()]
  let kept = ''
  let gone = ''
  return [
    step('describes an object, and keeps it', async ({ connection }) => {
      const account = connection.sobject('Account')
      const first = await account.describe()
      assert.equal(first.name, 'Account')
      assert.ok(first.fields.length > 10)
      assert.equal(await account.describe$(), first)
      assert.equal(account.describe$$(), first)
      assert.notEqual(await account.describe(), first)
    }),
    step('describes all objects, and keeps them', async ({ connection }) => {
      const first = await connection.describeGlobal()
      const [object] = first.sobjects
      assert.ok(object !== undefined && object.name !== '' && object.label !== '')
      assert.ok(!('fields' in object))
      assert.equal(await connection.describeGlobal$(), first)
      assert.notEqual(await connection.describeGlobal(), first)
    }),
    step('queries records for a view', async ({ connection }) => {
      const soql = 'SELECT Id, Name FROM Account ORDER BY CreatedDate DESC LIMIT 2 FOR VIEW'
      assert.equal((await connection.query(soql)).records.length, 2)
    }),
    step('lists recent records, of all objects and of one', async ({ connection }) => {
      const records = await connection.recent(2)
      assert.equal(records.length, 2)
      assert.ok(records.every((record) => record.attributes?.type === 'Account'))
      const accounts = await connection.sobject('Account').recent()
      assert.ok(accounts.every(({ Id, Name }) => Id !== '' && Name !== ''))
      assert.ok(accounts.length >= 2)
    }),
    step('writes while others write', async ({ connection }) => {
      const account = connection.sobject('Account')
      const made = await account.create([{ Name: 'Kept' }, { Name: 'Gone' }])
      const [first, second] = made.map(idOf)
      kept = String(first)
      gone = String(second)
      const work = [account.update({ Id: kept, Name: 'Kept 2' }), account.destroy(gone)]
      for (const result of await Promise.all(work)) idOf(result)
    }),
    step('lists what was changed', async ({ connection }) => {
      const [start] = lastMinute()
      const end = new Date(Date.now() + MINUTE_MS)
      const dates = await connection.sobject('Account').updated(start, end)
      assert.ok(dates.ids.includes(kept))
      const texts = await connection.sobject('Account').updated(start.toString(), end.toString())
      assert.ok(texts.ids.includes(kept))
    }),
    step('asks for just a minute', async ({ connection }) => {
      const account = connection.sobject('Account')
      assert.ok(Array.isArray((await account.updated(...lastMinute())).ids))
      assert.ok(Array.isArray((await account.deleted(...lastMinute())).deletedRecords))
    }),
    step('lists what was deleted', async ({ connection }) => {
      const [start] = lastMinute()
      const end = new Date(Date.now() + MINUTE_MS)
      const dates = await connection.sobject('Account').deleted(start, end)
      assert.ok(dates.deletedRecords.some(({ id }) => id === gone))
      const texts = await connection.sobject('Account').deleted(start.toString(), end.toString())
      assert.ok(texts.deletedRecords.some(({ id }) => id === gone))
    }),
    step('says who is logged in', async ({ connection }) => {
      const identity = await connection.identity()
      assert.match(identity.id, /^https:\/\//)
      assert.match(identity.user_id, /^005/)
      assert.match(identity.organization_id, /^00D/)
      assert.match(identity.email, /@/)
      assert.equal(typeof identity.photos, 'object')
      assert.equal(typeof identity.urls, 'object')
    }),
    step('counts the calls', ({ connection }) => {
      const { apiUsage } = connection.limitInfo
      assert.ok(apiUsage !== undefined && apiUsage.used > 0 && apiUsage.limit >= apiUsage.used)
      return Promise.resolve()
    }),
    step('tells the limits', async ({ connection }) => {
      const limits = await connection.limits()
      for (const name of ['DataStorageMB', 'FileStorageMB', 'DailyApiRequests']) {
        const limit = limits[name]
        assert.ok(limit !== undefined && limit.Max > 0 && limit.Remaining >= 0, name)
      }
    }),
  ]
}
