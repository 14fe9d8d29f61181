import { ApiError } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { canonicalId } from '../ids.ts'
import { listViewById } from '../presentation/list-view.ts'
import { parameter, type RestCall, type RestResource } from '../rest/resource.ts'
import type { QueryAnswers, QueryCall } from './answer-query.ts'

/** SOQL by REST: `query`, `queryAll`, and their further pages. */
export function queryResources(org: Org, answers: QueryAnswers): RestResource[] {
  return (['query', 'queryall'] as const).flatMap((name): RestResource[] => {
    const callOf = (call: RestCall): QueryCall => ({
      version: call.version,
      user: call.context.stamp.by,
      withDeleted: name === 'queryall',
      options: call.header('Sforce-Query-Options'),
    })
    return [
      {
        pattern: `/${name}`,
        methods: {
          GET: (call) => {
            const explained = call.query.get('explain')
            if (explained !== null) {
              const soql = explainedSoql(org, explained)
              return { status: 200, body: answers.explain(callOf(call), soql) }
            }
            const columns = call.query.get('columns') === 'true'
            return { status: 200, body: answers.query(callOf(call), call.query.get('q'), columns) }
          },
        },
      },
      {
        pattern: `/${name}/:locator`,
        methods: {
          GET: (call) => ({
            status: 200,
            body: answers.more(callOf(call), parameter(call, 'locator')),
          }),
        },
      },
    ]
  })
}

/** What is to be explained: a statement, or the list view of an id. Throws ApiError for other ids. */
function explainedSoql(org: Org, explained: string): string {
  const id = canonicalId(explained)
  if (id === null) return explained
  const view = listViewById(org.schema, id)
  if (view === null)
    throw new ApiError(400, 'INVALID_ID', `no report or list view has the id ${id}`)
  return view.query
}
