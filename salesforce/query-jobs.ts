import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Caller } from './caller.ts'
import { csvOrThrow } from './csv-answer.ts'
import { headerValue } from './http-headers.ts'

/** A Bulk API 2.0 query job. */
export interface QueryJob {
  readonly id: string
  readonly state: 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted'
  readonly object: string | null
  readonly recordsProcessed: number
  readonly errorMessage: string | null
  readonly createdDate: string
}

export interface QueryJobPage {
  /** CSV bytes with a header line. Must be read to its end or destroyed; an early end is an error. */
  readonly stream: Readable
  /** Names the next page; null on the last. A page can be read again. */
  readonly locator: string | null
  readonly numberOfRecords: number | null
}

/** Bulk API 2.0 query. */
export interface QueryJobsApi {
  create(
    spec: { readonly soql: string; readonly includeDeleted?: boolean },
    signal?: AbortSignal,
  ): Promise<QueryJob>
  get(id: string, signal?: AbortSignal): Promise<QueryJob>
  abort(id: string, signal?: AbortSignal): Promise<QueryJob>
  delete(id: string, signal?: AbortSignal): Promise<void>
  results(
    id: string,
    options?: {
      readonly locator?: string | null
      readonly maxRecords?: number
      readonly signal?: AbortSignal
    },
  ): Promise<QueryJobPage>
}

export function createQueryJobsApi(caller: Caller, apiVersion: string): QueryJobsApi {
  const root = `/services/data/v${apiVersion}/jobs/query`
  const pathOf = (id: string) => `${root}/${encodeURIComponent(id)}`

  return {
    async create({ soql, includeDeleted }, signal) {
      const json = {
        operation: includeDeleted ? 'queryAll' : 'query',
        query: soql,
        contentType: 'CSV',
        lineEnding: 'LF',
        columnDelimiter: 'COMMA',
      }
      return toJob(await caller.json({ method: 'POST', target: root, json, signal }, jobAnswer))
    },
    get: async (id, signal) =>
      toJob(await caller.json({ method: 'GET', target: pathOf(id), signal }, jobAnswer)),
    async abort(id, signal) {
      const json = { state: 'Aborted' }
      return toJob(
        await caller.json({ method: 'PATCH', target: pathOf(id), json, signal }, jobAnswer),
      )
    },
    delete: (id, signal) => caller.done({ method: 'DELETE', target: pathOf(id), signal }),
    async results(id, { locator, maxRecords, signal } = {}) {
      const query = new URLSearchParams()
      if (locator != null) query.set('locator', locator)
      if (maxRecords !== undefined) query.set('maxRecords', String(maxRecords))
      const { headers, body } = await caller.stream({
        method: 'GET',
        target: `${pathOf(id)}/results${query.size > 0 ? `?${query}` : ''}`,
        headers: { accept: 'text/csv' },
        signal,
      })
      const next = headerValue(headers, 'sforce-locator')
      const records = headerValue(headers, 'sforce-numberofrecords')
      return {
        stream: body === null ? Readable.from([]) : csvOrThrow(headers, body),
        // The last page says so with the word `null`.
        locator: next === null || next === '' || next === 'null' ? null : next,
        numberOfRecords: records !== null && /^\d+$/.test(records) ? Number(records) : null,
      }
    },
  }
}

const jobAnswer = z.object({
  id: z.string().min(1),
  state: z.enum(['UploadComplete', 'InProgress', 'JobComplete', 'Failed', 'Aborted']),
  object: z.string().nullish(),
  numberRecordsProcessed: z.number().int().nonnegative().nullish(),
  errorMessage: z.string().nullish(),
  createdDate: z.string(),
})

function toJob(raw: z.output<typeof jobAnswer>): QueryJob {
  return {
    id: raw.id,
    state: raw.state,
    object: raw.object || null,
    recordsProcessed: raw.numberRecordsProcessed ?? 0,
    errorMessage: raw.errorMessage || null,
    createdDate: raw.createdDate,
  }
}
