import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import {
  BulkJobBatchListSchema,
  BulkJobListQuerySchema,
  BulkJobListSchema,
  BulkJobLoadListSchema,
  BulkJobSchema,
  BulkJobTargetSchema,
  CreateBulkJobSchema,
  PageQuerySchema,
  ResultRowSchema,
  ResultsQuerySchema,
  RetryBulkJobSchema,
} from '../../contracts/http/bulk-jobs.ts'
import { CREATE_CODES } from './input-codes.ts'
import { createdHeaders, createHeaders, json, problems } from './responses.ts'

const tags = ['Bulk jobs']
const params = z.object({ jobId: z.string().openapi({ description: 'Id of the job.' }) })

/** Describes the routes under /v1/bulk-jobs. */
export function describeBulkJobPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'post',
    path: '/v1/bulk-jobs',
    operationId: 'createBulkJob',
    tags,
    summary: 'Create a job',
    description:
      'JSON (at most 10,000 records) names the object in the body; CSV and NDJSON of any size name it in the query and may be gzip. Rows are read as fast as they can be kept. All rows are taken or none. In CSV an empty cell leaves a field alone and #N/A clears it; blank lines are skipped.',
    request: {
      headers: createHeaders,
      query: BulkJobTargetSchema.partial(),
      body: {
        required: true,
        content: {
          'application/json': {
            schema: CreateBulkJobSchema,
            example: {
              object: 'Account',
              operation: 'insert',
              records: [{ Name: 'Acme', NumberOfEmployees: 12 }],
            },
          },
          'text/csv': {
            schema: z.string(),
            example: 'Name,NumberOfEmployees\nAcme,12\n',
          },
          'application/x-ndjson': {
            schema: z.string(),
            example: '{"Name":"Acme","NumberOfEmployees":12}\n',
          },
        },
      },
    },
    responses: {
      202: json(BulkJobSchema, 'Accepted: the job starts by itself.', createdHeaders),
      ...problems('unknown_parameter', ...CREATE_CODES),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/bulk-jobs',
    operationId: 'listBulkJobs',
    tags,
    summary: 'List jobs, newest first',
    request: { query: BulkJobListQuerySchema },
    responses: {
      200: json(BulkJobListSchema, 'A page of jobs.'),
      ...problems('unknown_parameter', 'invalid_request', 'invalid_operation', 'invalid_cursor'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/bulk-jobs/{jobId}',
    operationId: 'getBulkJob',
    tags,
    summary: 'Get a job',
    request: { params },
    responses: { 200: json(BulkJobSchema, 'The job.'), ...problems('job_not_found') },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/bulk-jobs/{jobId}/batches',
    operationId: 'listBulkJobBatches',
    tags,
    summary: 'List the batches of a job',
    request: { params, query: PageQuerySchema },
    responses: {
      200: json(BulkJobBatchListSchema, 'A page of batches.'),
      ...problems('job_not_found', 'unknown_parameter', 'invalid_request', 'invalid_cursor'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/bulk-jobs/{jobId}/loads',
    operationId: 'listBulkJobLoads',
    tags,
    summary: 'List the jobs made in Salesforce for a job',
    request: { params },
    responses: {
      200: json(BulkJobLoadListSchema, 'The jobs in Salesforce.'),
      ...problems('job_not_found', 'unknown_parameter'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/bulk-jobs/{jobId}/results',
    operationId: 'getBulkJobResults',
    tags,
    summary: 'Stream the rows of a job with their outcomes',
    description:
      'Rows that have an outcome, in order; final once the job has ended. CSV holds the columns of the input after those of the outcome. Values are as they were sent: do not open files from sources that you do not trust in a spreadsheet.',
    request: { params, query: ResultsQuerySchema },
    responses: {
      200: {
        description: 'The rows, as CSV or NDJSON by `Accept`.',
        content: {
          'text/csv': {
            schema: z.string(),
            example:
              'row_number,outcome,salesforce_id,created,error_code,error_message,error_fields,retryable,upstream_job_id,Name\n1,success,001000000000001AAA,true,,,,false,750000000000001AAA,Acme\n',
          },
          'application/x-ndjson': { schema: ResultRowSchema },
        },
      },
      ...problems('job_not_found', 'job_purged', 'not_acceptable', 'unknown_parameter'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/bulk-jobs/{jobId}/retry',
    operationId: 'retryBulkJob',
    tags,
    summary: 'Send rows of an ended job again, as a new linked job',
    description:
      'A row is sent again by one retry only. The rows keep their numbers. Corrected rows replace the original rows as a whole.',
    request: {
      params,
      headers: createHeaders,
      body: {
        required: true,
        content: {
          'application/json': { schema: RetryBulkJobSchema, example: { rows: 'retryable' } },
        },
      },
    },
    responses: {
      202: json(BulkJobSchema, 'The new job.', createdHeaders),
      ...problems(
        'job_not_found',
        'job_not_terminal',
        'job_purged',
        'nothing_to_retry',
        'already_retried',
        'confirmation_required',
        'row_not_retryable',
        ...CREATE_CODES,
      ),
    },
  })
  for (const [verb, summary] of [
    ['pause', 'Pause a job: what is under way in Salesforce ends, nothing new begins'],
    ['resume', 'Let a paused or blocked job go on'],
    ['cancel', 'Cancel a job: rows that were not written become unprocessed'],
  ] as const) {
    registry.registerPath({
      method: 'post',
      path: `/v1/bulk-jobs/{jobId}/${verb}`,
      operationId: `${verb}BulkJob`,
      tags,
      summary,
      description: 'May be repeated. The state follows in a moment.',
      request: { params },
      responses: {
        202: json(BulkJobSchema, 'The job, with the new wish.'),
        ...problems('job_not_found', 'job_terminal', 'job_cancelling'),
      },
    })
  }
}
