import { parse } from 'csv-parse/sync'
import { z } from 'zod'

const infoSchema = z.looseObject({
  id: z.string(),
  state: z.string(),
  numberRecordsProcessed: z.number(),
  numberRecordsFailed: z.number().default(0),
  retries: z.number(),
  contentUrl: z.string().optional(),
  errorMessage: z.string().optional(),
})
export type JobInfo = z.infer<typeof infoSchema>

/** What a refusal looks like. */
export const errorSchema = z
  .array(z.object({ errorCode: z.string(), message: z.string() }))
  .length(1)

export type ResultRow = Record<string, string>

/** A plain client for tests: one method a call, no repetition, no hidden waiting. */
export interface TestClient {
  readonly token: string
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>
  json(method: string, path: string, body?: unknown): Promise<unknown>
  admin(method: string, path: string, body?: unknown): Promise<unknown>
  createJob(job: object): Promise<JobInfo>
  upload(id: string, csv: string): Promise<Response>
  close(id: string): Promise<JobInfo>
  abort(id: string): Promise<JobInfo>
  info(id: string): Promise<JobInfo>
  /** Waits until the job is over. */
  finished(id: string): Promise<JobInfo>
  /** Create, upload, close, wait. */
  run(job: object, csv: string): Promise<JobInfo>
  results(
    id: string,
    which: 'successfulResults' | 'failedResults' | 'unprocessedrecords',
  ): Promise<ResultRow[]>
  count(object: string): Promise<number>
}

const TERMINAL = ['JobComplete', 'Failed', 'Aborted']

export async function createTestClient(url: string): Promise<TestClient> {
  const root = `${url}/services/data/v64.0`
  const answer = await fetch(`${url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'simulator-client',
      client_secret: 'simulator-secret',
    }),
  })
  const { access_token: token } = z.object({ access_token: z.string() }).parse(await answer.json())

  function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    return fetch(path.startsWith('/services') ? url + path : root + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': typeof body === 'string' ? 'text/csv' : 'application/json',
        ...headers,
      },
      body: text ?? null,
    })
  }

  async function json(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await call(method, path, body)
    const text = await response.text()
    return text === '' ? null : JSON.parse(text)
  }

  const client: TestClient = {
    token,
    call,
    json,
    async admin(method, path, body) {
      const response = await fetch(`${url}/__simulator${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      return text === '' ? null : JSON.parse(text)
    },
    createJob: async (job) => infoSchema.parse(await json('POST', '/jobs/ingest', job)),
    upload: (id, csv) => call('PUT', `/jobs/ingest/${id}/batches`, csv),
    close: async (id) =>
      infoSchema.parse(await json('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' })),
    abort: async (id) =>
      infoSchema.parse(await json('PATCH', `/jobs/ingest/${id}`, { state: 'Aborted' })),
    info: async (id) => infoSchema.parse(await json('GET', `/jobs/ingest/${id}`)),
    async finished(id) {
      for (;;) {
        const info = await client.info(id)
        if (TERMINAL.includes(info.state)) return info
        await new Promise((resolve) => setTimeout(resolve, 15))
      }
    },
    async run(job, csv) {
      const { id } = await client.createJob(job)
      const uploaded = await client.upload(id, csv)
      if (uploaded.status !== 201) throw new Error(`upload: ${uploaded.status}`)
      await client.close(id)
      return client.finished(id)
    },
    async results(id, which) {
      const response = await call('GET', `/jobs/ingest/${id}/${which}`)
      if (response.status !== 200) throw new Error(`${which}: ${response.status}`)
      // The header names the columns, so each row is an object of texts.
      return parse(await response.text(), { columns: true }) as ResultRow[]
    },
    async count(object) {
      const answer = await client.admin('GET', `/objects/${object}/count`)
      return z.object({ count: z.number() }).parse(answer).count
    },
  }
  return client
}
