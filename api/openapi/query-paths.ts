import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import {
  CreateQuerySchema,
  LegacyObjectQueryAnswerSchema,
  LegacyObjectQuerySchema,
  ObjectQueryAnswerSchema,
  ObjectQuerySchema,
  QueryListQuerySchema,
  QueryListSchema,
  QueryResultsQuerySchema,
  QuerySchema,
} from '../../contracts/http/queries.ts'
import { SOQL_QUERY_FAILURES } from '../../contracts/soql-query.ts'
import { SOQL_ERROR_CODES } from '../../soql/soql-error.ts'
import type { ErrorCode } from '../errors.ts'
import { BODY_CODES } from './input-codes.ts'
import { createdHeaders, createHeaders, json, legacyErrors, problems } from './responses.ts'

const tags = ['Queries']
const ofQuery = z.object({ queryId: z.string().openapi({ description: 'Id of the query.' }) })
const ofObject = z.object({
  name: z.string().openapi({ description: 'API name of the object.', example: 'Account' }),
})
const RUN_CODES: readonly ErrorCode[] = [
  ...BODY_CODES,
  ...SOQL_ERROR_CODES,
  ...SOQL_QUERY_FAILURES,
  'authentication_failed',
  'too_many_queries',
]

function body(schema: z.ZodType, example: unknown) {
  return { required: true, content: { 'application/json': { schema, example } } }
}

/** Describes the routes of queries, short and durable. */
export function describeQueryPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'post',
    path: '/v1/objects/{name}/query',
    operationId: 'queryObject',
    tags,
    summary: 'Read records of one object, page by page',
    description:
      'Fields and the condition are checked against the object and written anew; Salesforce is asked while the request waits, 25 seconds at most.',
    request: {
      params: ofObject,
      body: body(ObjectQuerySchema, {
        fields: ['Id', 'Name', 'Owner.Name'],
        where: "Name LIKE 'A%' AND CreatedDate = LAST_N_DAYS:30",
        order_by: [{ field: 'Name' }],
        limit: 100,
      }),
    },
    responses: {
      200: json(ObjectQueryAnswerSchema, 'A page of records.'),
      ...problems('connection_not_found', 'invalid_cursor', ...RUN_CODES),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/api/salesforce/custom-objects/{name}/query',
    operationId: 'legacyQueryObject',
    tags: ['Custom objects (legacy)'],
    summary: 'Read records of an object',
    description:
      'As `POST /v1/objects/{name}/query`. Every field of the answer stands in `data` as well.',
    request: {
      params: ofObject,
      body: body(LegacyObjectQuerySchema, { user_id: 'ada', where_clause: "Name LIKE 'A%'" }),
    },
    responses: {
      200: json(LegacyObjectQueryAnswerSchema, 'The records.'),
      ...legacyErrors('missing_user_id', 'limit_too_large', ...RUN_CODES),
    },
  })
  describeDurable(registry)
}

function describeDurable(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'post',
    path: '/v1/queries',
    operationId: 'createQuery',
    tags,
    summary: 'Read any number of records, durably',
    description:
      'Runs by Bulk API 2.0 as a workflow; its results are kept here. Functions, subqueries, GROUP BY, OFFSET and compound fields are not taken.',
    request: {
      headers: createHeaders,
      body: body(CreateQuerySchema, { soql: 'SELECT Id, Name FROM Account ORDER BY Name' }),
    },
    responses: {
      202: json(QuerySchema, 'Accepted: the query starts by itself.', createdHeaders),
      ...problems(
        ...BODY_CODES,
        ...SOQL_ERROR_CODES,
        ...(['authentication_failed', 'connection_not_found', 'salesforce_unavailable'] as const),
        ...(['invalid_idempotency_key', 'idempotency_key_reused', 'insufficient_storage'] as const),
      ),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/queries',
    operationId: 'listQueries',
    tags,
    summary: 'List durable queries, newest first',
    request: { query: QueryListQuerySchema },
    responses: {
      200: json(QueryListSchema, 'A page of queries.'),
      ...problems('invalid_request', 'unknown_parameter', 'invalid_cursor'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/queries/{queryId}',
    operationId: 'getQuery',
    tags,
    summary: 'Get a query with its progress',
    request: { params: ofQuery },
    responses: { 200: json(QuerySchema, 'The query.'), ...problems('query_not_found') },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/queries/{queryId}/results',
    operationId: 'getQueryResults',
    tags,
    summary: 'Read the records of a query, as CSV or NDJSON',
    description:
      'Streamed. CSV is as Salesforce wrote it; in NDJSON numbers and booleans have their type and an empty value is null.',
    request: { params: ofQuery, query: QueryResultsQuerySchema },
    responses: {
      200: {
        description: 'All records; `Record-Count` says how many.',
        content: {
          'text/csv': { schema: z.string(), example: '"Id","Name"\n"001000000000001AAA","Acme"\n' },
          'application/x-ndjson': { schema: z.record(z.string(), z.unknown()) },
        },
      },
      ...problems(
        ...(['query_not_found', 'query_not_completed', 'query_purged'] as const),
        ...(['not_acceptable', 'unknown_parameter', 'invalid_request'] as const),
      ),
    },
  })
  for (const [verb, summary] of [
    ['cancel', 'Cancel a query: it ends as Aborted and keeps no results'],
    ['resume', 'Have a blocked query try again now'],
  ] as const) {
    registry.registerPath({
      method: 'post',
      path: `/v1/queries/{queryId}/${verb}`,
      operationId: `${verb}Query`,
      tags,
      summary,
      description: 'May be repeated. The state follows in a moment.',
      request: { params: ofQuery },
      responses: {
        202: json(QuerySchema, 'The query.'),
        ...problems('query_not_found', 'query_ended'),
      },
    })
  }
  registry.registerPath({
    method: 'delete',
    path: '/v1/queries/{queryId}',
    operationId: 'deleteQuery',
    tags,
    summary: 'Remove the results of a query; one that has not ended is cancelled',
    request: { params: ofQuery },
    responses: {
      200: json(QuerySchema, 'The query without its results.'),
      202: json(QuerySchema, 'It is being cancelled.'),
      ...problems('query_not_found'),
    },
  })
}
