import { ApiError, notFound } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { canonicalId } from '../ids.ts'
import { describeColumns, describeListView } from '../presentation/describe-list-view.ts'
import { listValue } from '../presentation/list-value.ts'
import { type ListView, listViewById, listViewsOf } from '../presentation/list-view.ts'
import { calledObject } from '../rest/find-object.ts'
import { parameter, type RestCall, type RestResource } from '../rest/resource.ts'
import { createQueryRunner } from '../soql/query-runner.ts'
import { renderRecord } from '../soql/render-record.ts'
import { planSoql } from './plan-soql.ts'

const ROOT = '/sobjects/:object/listviews'
const MOST_RECORDS = 2_000
const USUAL_RECORDS = 25

/** List views of an object: which there are, what they show, and their records. */
export function listViewResources(org: Org): RestResource[] {
  return [
    {
      pattern: ROOT,
      methods: {
        GET: (call) => {
          const object = calledObject(org.schema, call)
          const listviews = listViewsOf(org.schema, object).map((view) => brief(call, view))
          return {
            status: 200,
            body: {
              done: true,
              listviews,
              nextRecordsUrl: null,
              size: listviews.length,
              sobjectType: object.name,
            },
          }
        },
      },
    },
    {
      pattern: `${ROOT}/:id`,
      methods: { GET: (call) => ({ status: 200, body: brief(call, calledView(org, call)) }) },
    },
    {
      pattern: `${ROOT}/:id/describe`,
      methods: { GET: (call) => ({ status: 200, body: describeListView(calledView(org, call)) }) },
    },
    {
      pattern: `${ROOT}/:id/results`,
      methods: {
        GET: (call) => ({ status: 200, body: results(org, call, calledView(org, call)) }),
      },
    },
  ]
}

/** The view that a path names. Throws ApiError 404 for one of another object too. */
function calledView(org: Org, call: RestCall): ListView {
  const object = calledObject(org.schema, call)
  const id = canonicalId(parameter(call, 'id'))
  const view = id === null ? null : listViewById(org.schema, id)
  if (view === null || view.object.name !== object.name) throw notFound()
  return view
}

function brief(call: RestCall, { id, object, developerName, label }: ListView): object {
  const url = `/services/data/v${call.version}.0/sobjects/${object.name}/listviews/${id}`
  return {
    describeUrl: `${url}/describe`,
    developerName,
    id,
    label,
    resultsUrl: `${url}/results`,
    soqlCompatible: true,
    url,
  }
}

function results(org: Org, call: RestCall, view: ListView): object {
  const limit = Math.min(numberOf(call, 'limit', USUAL_RECORDS), MOST_RECORDS)
  // Counted from 1, and clients that count from 0 mean the same first record.
  const from = Math.max(numberOf(call, 'offset', 1), 1) - 1
  const { plan, context } = planSoql(org, view.query, {
    user: call.context.stamp.by,
    withDeleted: false,
  })
  if (plan.kind !== 'records') throw new Error('a list view lists records')
  const runner = createQueryRunner(org.database)
  const numbers = runner.numbers(plan)
  const page = numbers.subarray(from, from + limit)
  const render = {
    schema: org.schema,
    reader: context,
    version: call.version,
    children: () => null,
  }
  const records = [...runner.rows(plan, page)].map((row) => {
    const values = new Map(Object.entries(renderRecord(plan.shape, row, render)))
    return {
      columns: view.columns.map(({ field }) => ({
        fieldNameOrPath: field.name,
        value: listValue(field, values.get(field.name)),
      })),
    }
  })
  return {
    columns: describeColumns(view),
    developerName: view.developerName,
    done: from + page.length >= numbers.length,
    id: view.id,
    label: view.label,
    records,
    size: records.length,
  }
}

function numberOf(call: RestCall, name: string, usual: number): number {
  const text = call.query.get(name)
  if (text === null) return usual
  const number = Number(text)
  if (text !== '' && Number.isSafeInteger(number) && number >= 0) return number
  throw new ApiError(400, 'INVALID_QUERY_VALUE', `${name} must be a number: ${text}`)
}
