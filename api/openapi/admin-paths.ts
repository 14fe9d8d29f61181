import type { OpenAPIHono } from '@hono/zod-openapi'
import {
  AdminCleanupSchema,
  AdminHealthSchema,
  AdminMetricsQuerySchema,
  AdminMetricsSchema,
} from '../../contracts/http/admin.ts'
import { json, legacyErrors } from './responses.ts'

const tags = ['Administration (legacy)']

/** Describes what operators ask, as they know it from the replaced service. */
export function describeAdminPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'get',
    path: '/api/salesforce/admin/health',
    operationId: 'adminHealth',
    tags,
    summary: 'How it is: database, Temporal, queues, quota',
    responses: {
      200: json(AdminHealthSchema, 'How it is, also where the database does not answer.'),
      ...legacyErrors('service_not_initialized'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/api/salesforce/admin/metrics',
    operationId: 'adminMetrics',
    tags,
    summary: 'What was used, by day and by user',
    description: 'Today is added up every five minutes.',
    request: { query: AdminMetricsQuerySchema },
    responses: {
      200: json(AdminMetricsSchema, 'Figures of the days that have any.'),
      ...legacyErrors('invalid_request'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/api/salesforce/admin/cleanup',
    operationId: 'adminCleanup',
    tags,
    summary: 'Remove what has expired',
    description:
      'Expired caches, old figures and the old activity log. Events and jobs have a retention of their own.',
    responses: {
      200: json(AdminCleanupSchema, 'How many rows were removed.'),
      ...legacyErrors('cleanup_failed'),
    },
  })
}
