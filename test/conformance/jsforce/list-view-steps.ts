import assert from 'node:assert/strict'
import { z } from 'zod'
import type { Step } from '../run-steps.ts'
import type { JsforceContext } from './connected.ts'

const column = z.looseObject({
  label: z.string(),
  fieldNameOrPath: z.string(),
  selectListItem: z.string(),
  sortIndex: z.number().nullable(),
  sortable: z.boolean(),
})
const list = z.looseObject({
  listviews: z.array(
    z.looseObject({
      id: z.string(),
      label: z.string(),
      describeUrl: z.string(),
      resultsUrl: z.string(),
      soqlCompatible: z.boolean(),
    }),
  ),
})
const description = z.looseObject({
  id: z.string(),
  sobjectType: z.string(),
  query: z.string(),
  columns: z.array(column),
  orderBy: z.array(z.unknown()),
})
const results = z.looseObject({
  id: z.string(),
  label: z.string(),
  done: z.boolean(),
  size: z.number(),
  columns: z.array(column),
  records: z.array(z.unknown()),
})
const explanation = z.looseObject({ plans: z.array(z.looseObject({ sobjectType: z.string() })) })

/** List views: what they show, and their records. */
export function listViewSteps(): Step<JsforceContext>[] {
  const step = (name: string, run: Step<JsforceContext>['run']): Step<JsforceContext> => ({
    suite: 'list views',
    name,
    run,
  })
  let id = ''
  return [
    step('lists those of an object', async ({ connection }) => {
      const { listviews } = list.parse(await connection.sobject('Account').listviews())
      const [first] = listviews
      assert.ok(first !== undefined)
      assert.match(first.describeUrl, /\/describe$/)
      assert.match(first.resultsUrl, /\/results$/)
      id = first.id
    }),
    step('describes one', async ({ connection }) => {
      const view = description.parse(await connection.sobject('Account').listview(id).describe())
      assert.equal(view.id, id)
      assert.match(view.sobjectType, /^account$/i)
      assert.match(view.query, /^SELECT .* FROM Account/)
    }),
    step('reads one', async ({ connection }) => {
      const view = results.parse(await connection.sobject('Account').listview(id).results())
      assert.equal(view.id, id)
      assert.ok(view.size > 0)
      assert.equal(view.records.length, view.size)
    }),
    step('explains one', async ({ connection }) => {
      const found = explanation.parse(await connection.sobject('Account').listview(id).explain())
      assert.equal(found.plans[0]?.sobjectType, 'Account')
    }),
  ]
}
