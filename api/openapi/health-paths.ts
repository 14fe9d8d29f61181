import type { OpenAPIHono } from '@hono/zod-openapi'
import { LivenessSchema, ReadinessSchema } from '../../contracts/http/health.ts'
import { HealthSchema } from '../../contracts/http/legacy-bulk-jobs.ts'
import { json } from './responses.ts'

const tags = ['Service']

/** Describes what load balancers and supervisors ask. */
export function describeHealthPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'get',
    path: '/healthz',
    operationId: 'health',
    tags,
    summary: 'Whether the process answers',
    responses: { 200: json(HealthSchema, 'It does.') },
  })
  registry.registerPath({
    method: 'get',
    path: '/livez',
    operationId: 'liveness',
    tags,
    summary: 'Whether the process lives, for whoever would start it again',
    description: 'For supervisors, which restart what does not: nothing else is asked.',
    responses: { 200: json(LivenessSchema, 'It does.') },
  })
  registry.registerPath({
    method: 'get',
    path: '/readyz',
    operationId: 'readiness',
    tags,
    summary: 'Whether the process can do its work now',
    description:
      'For load balancers: Postgres and Temporal answer, and the database has the schema of this release. Looked up at most once a second.',
    responses: {
      200: json(ReadinessSchema, 'It can.'),
      503: json(ReadinessSchema, 'Something is missing, or the process is about to stop.'),
    },
  })
}
