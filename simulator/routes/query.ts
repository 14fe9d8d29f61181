import { parameter, type RestCall, type RestResource } from '../rest/resource.ts'
import type { QueryAnswers, QueryCall } from './answer-query.ts'

/** SOQL by REST: `query`, `queryAll`, and their further pages. */
export function queryResources(answers: QueryAnswers): RestResource[] {
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
              return { status: 200, body: answers.explain(callOf(call), explained) }
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
