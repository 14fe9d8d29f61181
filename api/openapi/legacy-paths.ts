import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import {
  LegacyCreateBodySchema,
  LegacyCreatedSchema,
  LegacyJobFoundSchema,
  LegacyJobListSchema,
  LegacyListQuerySchema,
} from '../../contracts/http/legacy-bulk-jobs.ts'
import { CREATE_CODES } from './input-codes.ts'
import { createdHeaders, createHeaders, json, legacyErrors } from './responses.ts'

const tags = ['Bulk jobs (legacy)']

/** Describes the routes that existing callers know. */
export function describeLegacyPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'post',
    path: '/api/salesforce/bulk/create-job',
    operationId: 'legacyCreateBulkJob',
    tags,
    summary: 'Create a job of at most 10,000 records',
    description: 'Answers before the job has run; look at it for its counts.',
    request: {
      headers: createHeaders,
      body: {
        required: true,
        content: { 'application/json': { schema: LegacyCreateBodySchema } },
      },
    },
    responses: {
      201: json(LegacyCreatedSchema, 'Accepted.', createdHeaders),
      ...legacyErrors(...CREATE_CODES),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/api/salesforce/bulk/jobs/{jobId}',
    operationId: 'legacyGetBulkJob',
    tags,
    summary: 'Get a job with its first 1,000 batches',
    request: { params: z.object({ jobId: z.string() }) },
    responses: { 200: json(LegacyJobFoundSchema, 'The job.'), ...legacyErrors('job_not_found') },
  })
  registry.registerPath({
    method: 'get',
    path: '/api/salesforce/bulk/jobs',
    operationId: 'legacyListBulkJobs',
    tags,
    summary: 'List the jobs of a user, newest first',
    request: { query: LegacyListQuerySchema },
    responses: {
      200: json(LegacyJobListSchema, 'A page of jobs.'),
      ...legacyErrors('missing_user_id', 'invalid_request'),
    },
  })
}
