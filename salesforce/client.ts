import { Readable } from 'node:stream'
import { z } from 'zod'
import type { BulkOperation } from '../contracts/bulk-job.ts'
import type { ObjectDescribe } from '../contracts/metadata.ts'
import type { AnswerListener } from './api-answer.ts'
import { createCaller } from './caller.ts'
import { createExchange, createSalesforceAgent } from './exchange.ts'
import type { SessionSource } from './tokens.ts'

const jobSchema = z.object({
  id: z.string(),
  state: z.enum(['Open', 'UploadComplete', 'InProgress', 'JobComplete', 'Failed', 'Aborted']),
  object: z.string(),
  operation: z.string(),
  contentUrl: z.string().optional(),
  numberRecordsProcessed: z.number().optional(),
  numberRecordsFailed: z.number().optional(),
  errorMessage: z.string().nullish(),
  createdDate: z.string(),
})
export interface IngestJob {
  id: string
  state: 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted'
  object: string
  operation: string
  contentUrl: string
  recordsProcessed: number
  recordsFailed: number
  errorMessage: string | null
  createdDate: string
}
const toJob = (j: z.output<typeof jobSchema>): IngestJob => ({
  id: j.id,
  state: j.state,
  object: j.object,
  operation: j.operation,
  contentUrl: j.contentUrl ?? '',
  recordsProcessed: j.numberRecordsProcessed ?? 0,
  recordsFailed: j.numberRecordsFailed ?? 0,
  errorMessage: j.errorMessage ?? null,
  createdDate: j.createdDate,
})
export type SalesforceClient = ReturnType<typeof createSalesforceClient>
export function createSalesforceClient(o: {
  sessions: SessionSource
  apiVersion: string
  timeoutMs: number
  onAnswer: AnswerListener
}) {
  const agent = createSalesforceAgent(o.timeoutMs)
  const exchange = createExchange({
    dispatcher: agent,
    timeoutMs: o.timeoutMs,
    onAnswer: o.onAnswer,
  })
  const caller = createCaller(exchange, o.sessions)
  const root = `/services/data/v${o.apiVersion}`
  const ingest = `${root}/jobs/ingest`
  return {
    apiVersion: o.apiVersion,
    async organizationId(signal?: AbortSignal) {
      return (await o.sessions.current(signal)).organizationId
    },
    limits: (signal?: AbortSignal) =>
      caller.json(
        { method: 'GET', target: `${root}/limits`, signal },
        z.record(z.string(), z.object({ Max: z.number(), Remaining: z.number() })),
      ),
    async describeObject(
      objectType: string,
      options: { ifModifiedSince?: string; signal?: AbortSignal } = {},
    ): Promise<
      | { status: 'found'; describe: ObjectDescribe; lastModified: string | null }
      | { status: 'not_modified' }
      | { status: 'not_found' }
    > {
      const d = await caller.json(
        {
          method: 'GET',
          target: `${root}/sobjects/${encodeURIComponent(objectType)}/describe`,
          signal: options.signal,
        },
        z.any(),
      )
      return { status: 'found', describe: d as ObjectDescribe, lastModified: null }
    },
    ingest: {
      create: async (
        spec: { object: string; operation: BulkOperation; externalIdField: string | null },
        signal?: AbortSignal,
      ) =>
        toJob(
          await caller.json(
            {
              method: 'POST',
              target: ingest,
              signal,
              json: {
                object: spec.object,
                operation: spec.operation === 'hard_delete' ? 'hardDelete' : spec.operation,
                contentType: 'CSV',
                lineEnding: 'LF',
                columnDelimiter: 'COMMA',
                ...(spec.operation === 'upsert'
                  ? { externalIdFieldName: spec.externalIdField }
                  : {}),
              },
            },
            jobSchema,
          ),
        ),
      upload: (
        job: { id: string; contentUrl: string },
        body: { stream: () => Readable; contentLength: number },
        signal?: AbortSignal,
      ) =>
        caller.done({
          method: 'PUT',
          target: '/' + job.contentUrl.replace(/^\//, ''),
          signal,
          headers: { 'content-type': 'text/csv' },
          stream: { open: body.stream, contentLength: body.contentLength },
        }),
      close: async (id: string, signal?: AbortSignal) =>
        toJob(
          await caller.json(
            {
              method: 'PATCH',
              target: `${ingest}/${id}`,
              signal,
              json: { state: 'UploadComplete' },
            },
            jobSchema,
          ),
        ),
      abort: async (id: string, signal?: AbortSignal) =>
        toJob(
          await caller.json(
            { method: 'PATCH', target: `${ingest}/${id}`, signal, json: { state: 'Aborted' } },
            jobSchema,
          ),
        ),
      get: async (id: string, signal?: AbortSignal) =>
        toJob(await caller.json({ method: 'GET', target: `${ingest}/${id}`, signal }, jobSchema)),
      async results(
        id: string,
        kind: 'successful' | 'failed' | 'unprocessed',
        signal?: AbortSignal,
      ) {
        const path =
          kind === 'successful'
            ? 'successfulResults'
            : kind === 'failed'
              ? 'failedResults'
              : 'unprocessedrecords'
        return (
          (
            await caller.stream({
              method: 'GET',
              target: `${ingest}/${id}/${path}`,
              signal,
              headers: { accept: 'text/csv' },
            })
          ).body ?? Readable.from([])
        )
      },
    },
    close: () => agent.close(),
  }
}
