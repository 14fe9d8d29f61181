import type { OpenAPIHono } from '@hono/zod-openapi'
import {
  AuditEntrySchema,
  AuditLogQuerySchema,
  AuditLogSchema,
} from '../../contracts/http/audit-log.ts'
import { problems } from './responses.ts'

/** Describes the audit log. */
export function describeAuditLogPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'get',
    path: '/v1/audit-log',
    operationId: 'getAuditLog',
    tags: ['Audit log'],
    summary: 'Who did what, newest first',
    description: 'Pages as JSON; as NDJSON all entries that fit the filter, streamed.',
    request: { query: AuditLogQuerySchema },
    responses: {
      200: {
        description: 'The entries.',
        content: {
          'application/json': { schema: AuditLogSchema },
          'application/x-ndjson': { schema: AuditEntrySchema },
        },
      },
      ...problems('unknown_parameter', 'invalid_request', 'invalid_cursor', 'not_acceptable'),
    },
  })
}
