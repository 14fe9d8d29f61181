import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import { CONNECTION_FAILURES } from '../../contracts/connection.ts'
import { PageQuerySchema } from '../../contracts/http/bulk-jobs.ts'
import {
  AuthorizationSchema,
  AuthorizeConnectionSchema,
  ConnectionListSchema,
  ConnectionSchema,
  CreateConnectionSchema,
  DeletedConnectionSchema,
} from '../../contracts/http/connections.ts'
import type { ErrorCode } from '../errors.ts'
import { BODY_CODES } from './input-codes.ts'
import { json, problems } from './responses.ts'

const tags = ['Connections']
const params = z.object({
  connectionId: z.string().openapi({ description: 'Id of the connection.' }),
})
const body = (schema: z.ZodType, example: object) => ({
  required: true,
  content: { 'application/json': { schema, example } },
})

/** What can be wrong before a browser is sent to Salesforce. */
export const AUTHORIZE_CODES: readonly ErrorCode[] = [
  'login_host_not_allowed',
  'encryption_key_required',
  'app_not_configured',
  'redirect_uri_required',
  'too_many_authorizations',
]
/** What Salesforce can be asked for in vain. */
export const OUTCOME_CODES: readonly ErrorCode[] = [...CONNECTION_FAILURES, 'operation_in_progress']

/** Describes the routes under /v1/connections. */
export function describeConnectionPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'get',
    path: '/v1/connections',
    operationId: 'listConnections',
    tags,
    summary: 'List connections, newest first',
    request: { query: PageQuerySchema },
    responses: {
      200: json(ConnectionListSchema, 'A page of connections.'),
      ...problems('unknown_parameter', 'invalid_request', 'invalid_cursor'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/connections',
    operationId: 'createConnection',
    tags,
    summary: 'Make a connection that needs no browser',
    description:
      'By JWT bearer or client credentials. It is tested before it is answered; one that does not pass is not kept.',
    request: {
      body: body(CreateConnectionSchema, {
        flow: 'client_credentials',
        name: 'Production',
        login_url: 'https://example.my.salesforce.com',
        client_id: '3MVG9exampleConsumerKey',
        client_secret: 'consumer-secret',
      }),
    },
    responses: {
      201: json(
        ConnectionSchema,
        'The connection, which works.',
        z.object({ Location: z.string() }),
      ),
      ...problems(
        ...BODY_CODES,
        'login_host_not_allowed',
        'encryption_key_required',
        ...OUTCOME_CODES,
      ),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/connections/authorize',
    operationId: 'authorizeConnection',
    tags,
    summary: 'Begin to authorise a connection in a browser',
    description:
      'Web-server flow with PKCE. The browser comes back to the callback address within ten minutes; its state counts once.',
    request: { body: body(AuthorizeConnectionSchema, { name: 'Production' }) },
    responses: {
      201: json(AuthorizationSchema, 'Where the browser goes.'),
      ...problems(...BODY_CODES, ...AUTHORIZE_CODES),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/connections/{connectionId}',
    operationId: 'getConnection',
    tags,
    summary: 'Get a connection',
    request: { params },
    responses: {
      200: json(ConnectionSchema, 'All but its tokens.'),
      ...problems('connection_not_found'),
    },
  })
  registry.registerPath({
    method: 'delete',
    path: '/v1/connections/{connectionId}',
    operationId: 'deleteConnection',
    tags,
    summary: 'Delete a connection',
    description: 'Its tokens are revoked at Salesforce and erased here. Unfinished jobs forbid it.',
    request: { params },
    responses: {
      200: json(DeletedConnectionSchema, 'What became of its tokens.'),
      ...problems('connection_not_found', 'connection_in_use', 'connection_of_environment'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/connections/{connectionId}/reauthorize',
    operationId: 'reauthorizeConnection',
    tags,
    summary: 'Authorise a connection again',
    description:
      'For a connection whose tokens Salesforce refuses. Its jobs go on by themselves once it is done.',
    request: { params },
    responses: {
      201: json(AuthorizationSchema, 'Where the browser goes.'),
      ...problems(
        ...([
          'connection_not_found',
          'connection_of_environment',
          'connection_without_browser',
        ] as const),
        ...AUTHORIZE_CODES,
      ),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/connections/{connectionId}/test',
    operationId: 'testConnection',
    tags,
    summary: 'Test a connection',
    description: 'Gets a session where there is none, and makes a call of the API.',
    request: { params },
    responses: {
      200: json(ConnectionSchema, 'It works.'),
      ...problems('connection_not_found', 'connection_revoked', ...OUTCOME_CODES),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/connections/{connectionId}/default',
    operationId: 'makeConnectionDefault',
    tags,
    summary: 'Make a connection the default',
    description: 'Callers that name no connection use it from then on.',
    request: { params },
    responses: {
      200: json(ConnectionSchema, 'The default connection.'),
      ...problems('connection_not_found'),
    },
  })
}
