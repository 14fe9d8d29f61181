import { Readable } from 'node:stream'
import { z } from 'zod'
import type { BulkOperation } from '../contracts/bulk-job.ts'
import type { Caller } from './caller.ts'
import { csvOrThrow } from './csv-answer.ts'
import { SalesforceError } from './errors.ts'
import { createUploadBody } from './upload-body.ts'

/** A Bulk API 2.0 ingest job as Salesforce tells of it. */
export interface IngestJob {
  readonly id: string
  readonly state: 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted'
  readonly object: string
  readonly operation: BulkOperation
  /** Relative to the instance, mostly; `upload` resolves it. */
  readonly contentUrl: string
  /** Failed rows included. 0 where the answer has no count: only that of `get` has. */
  readonly recordsProcessed: number
  readonly recordsFailed: number
  readonly errorMessage: string | null
  /** `2022-01-02T17:38:59.000+0000` */
  readonly createdDate: string
}

export interface IngestJobSpec {
  readonly object: string
  readonly operation: BulkOperation
  /** For upserts. */
  readonly externalIdField: string | null
}

export interface UploadSource {
  /** Opens the body from its start; called again where the first sending met a 401. */
  readonly stream: () => Readable
  /** Bytes. A body of another length is an error on our side and, being cut, one on Salesforce's. */
  readonly contentLength: number
}

export type IngestResultKind = 'successful' | 'failed' | 'unprocessed'

/** Bulk API 2.0 ingest. Every method but the reading ones is sent once, save for a renewed session. */
export interface IngestApi {
  /** Where the answer is lost, at most an empty Open job remains, which writes nothing. */
  create(spec: IngestJobSpec, signal?: AbortSignal): Promise<IngestJob>
  /**
   * One PUT, streamed, with a limit on silence and none on the whole.
   * @throws the source's own error where the body cannot be read.
   */
  upload(
    job: { readonly id: string; readonly contentUrl: string },
    body: UploadSource,
    signal?: AbortSignal,
    /** Bytes that the connection has taken so far. */
    onProgress?: (bytes: number) => void,
  ): Promise<void>
  /** Sets the job going. `invalid_state` where it is not Open any more. */
  close(id: string, signal?: AbortSignal): Promise<IngestJob>
  abort(id: string, signal?: AbortSignal): Promise<IngestJob>
  get(id: string, signal?: AbortSignal): Promise<IngestJob>
  delete(id: string, signal?: AbortSignal): Promise<void>
  list(options?: {
    readonly queryLocator?: string
    readonly signal?: AbortSignal
  }): Promise<{ readonly jobs: readonly IngestJob[]; readonly nextLocator: string | null }>
  /**
   * CSV bytes, rows in any order. Must be read to its end or destroyed. An early end is an error of the
   * stream (`no_answer`), never a short file; an answer whose end could not be told is refused.
   */
  results(id: string, kind: IngestResultKind, signal?: AbortSignal): Promise<Readable>
}

const RESULT_PATHS: Readonly<Record<IngestResultKind, string>> = {
  successful: 'successfulResults',
  failed: 'failedResults',
  unprocessed: 'unprocessedrecords',
}

export function createIngestApi(caller: Caller, apiVersion: string): IngestApi {
  const root = `/services/data/v${apiVersion}/jobs/ingest`
  const pathOf = (id: string) => `${root}/${encodeURIComponent(id)}`
  const toJob = (raw: z.output<typeof jobAnswer>): IngestJob => ({
    id: raw.id,
    state: raw.state,
    object: raw.object,
    operation: raw.operation === 'hardDelete' ? 'hard_delete' : raw.operation,
    contentUrl: raw.contentUrl ?? `${pathOf(raw.id)}/batches`,
    recordsProcessed: raw.numberRecordsProcessed ?? 0,
    recordsFailed: raw.numberRecordsFailed ?? 0,
    errorMessage: raw.errorMessage || null,
    createdDate: raw.createdDate,
  })
  const setState = async (id: string, state: 'UploadComplete' | 'Aborted', signal?: AbortSignal) =>
    toJob(
      await caller.json(
        { method: 'PATCH', target: pathOf(id), json: { state }, signal },
        jobAnswer,
      ),
    )

  return {
    async create({ object, operation, externalIdField }, signal) {
      const json = {
        object,
        operation: operation === 'hard_delete' ? 'hardDelete' : operation,
        contentType: 'CSV',
        lineEnding: 'LF',
        columnDelimiter: 'COMMA',
        ...(externalIdField === null ? {} : { externalIdFieldName: externalIdField }),
      }
      return toJob(await caller.json({ method: 'POST', target: root, json, signal }, jobAnswer))
    },
    async upload(job, body, signal, onProgress) {
      const source = createUploadBody(body.stream, onProgress)
      const call = {
        method: 'PUT',
        target: job.contentUrl,
        headers: { 'content-type': 'text/csv; charset=UTF-8' },
        stream: { open: source.open, contentLength: body.contentLength },
        signal,
      } as const
      try {
        await caller.done(call)
      } catch (error) {
        const failure = source.sourceFailure()
        throw failure && !signal?.aborted ? failure.error : error
      }
    },
    close: (id, signal) => setState(id, 'UploadComplete', signal),
    abort: (id, signal) => setState(id, 'Aborted', signal),
    get: async (id, signal) =>
      toJob(await caller.json({ method: 'GET', target: pathOf(id), signal }, jobAnswer)),
    delete: (id, signal) => caller.done({ method: 'DELETE', target: pathOf(id), signal }),
    async list({ queryLocator, signal } = {}) {
      // Jobs of the older Bulk API share the list and have no content URL.
      const query = new URLSearchParams({ jobType: 'V2Ingest' })
      if (queryLocator !== undefined) query.set('queryLocator', queryLocator)
      const page = await caller.json(
        { method: 'GET', target: `${root}?${query}`, signal },
        listAnswer,
      )
      return { jobs: page.records.map(toJob), nextLocator: locatorOf(page.nextRecordsUrl) }
    },
    async results(id, kind, signal) {
      const { headers, body } = await caller.stream({
        method: 'GET',
        target: `${pathOf(id)}/${RESULT_PATHS[kind]}`,
        headers: { accept: 'text/csv' },
        signal,
      })
      return body === null ? Readable.from([]) : csvOrThrow(headers, body)
    },
  }
}

const count = z.number().int().nonnegative().nullish()

const jobAnswer = z.object({
  id: z.string().min(1),
  state: z.enum(['Open', 'UploadComplete', 'InProgress', 'JobComplete', 'Failed', 'Aborted']),
  object: z.string(),
  operation: z.enum(['insert', 'update', 'upsert', 'delete', 'hardDelete']),
  contentUrl: z.string().min(1).nullish(),
  numberRecordsProcessed: count,
  numberRecordsFailed: count,
  errorMessage: z.string().nullish(),
  createdDate: z.string(),
})

const listAnswer = z.object({
  records: z.array(jobAnswer),
  nextRecordsUrl: z.string().nullish(),
})

function locatorOf(nextRecordsUrl: string | null | undefined): string | null {
  if (!nextRecordsUrl) return null
  const locator = URL.parse(nextRecordsUrl, 'https://instance.invalid')?.searchParams.get(
    'queryLocator',
  )
  if (locator) return locator
  throw new SalesforceError({
    kind: 'invalid_answer',
    message: 'The address of the next page of jobs holds no queryLocator.',
  })
}
