import { openAsBlob } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { requestToken } from '../bulk/request-token.ts'

const API_VERSION = '67.0'
const LOOK_AGAIN_MS = 20

const jobSchema = z.object({
  id: z.string(),
  state: z.string(),
  numberRecordsProcessed: z.int(),
  numberRecordsFailed: z.int().default(0),
})
type Job = z.infer<typeof jobSchema>

const pageSchema = z.object({
  totalSize: z.int(),
  records: z.array(z.unknown()),
  nextRecordsUrl: z.string().optional(),
})

/** The calls of the benchmark, each as plain as a client can make it. */
export interface OrgClient {
  /** Uploads a file of new records and gives its job, closed. */
  upload(object: string, csv: string): Promise<string>
  /** Waits until a job has ended well and gives its rows. */
  waitForJob(kind: 'ingest' | 'query', id: string): Promise<number>
  createQuery(soql: string): Promise<string>
  /** Reads all pages of a REST query; gives their rows. */
  readPages(soql: string): Promise<number>
  /** Reads all pages of a query job's results; gives their rows. */
  readResults(id: string, rowsAPage: number): Promise<number>
}

export async function createOrgClient(
  orgUrl: string,
  client = { clientId: 'simulator-client', clientSecret: 'simulator-secret' },
): Promise<OrgClient> {
  const token = await requestToken({ orgUrl, ...client })
  const root = `${orgUrl}/services/data/v${API_VERSION}`

  async function call(method: string, url: string, send?: RequestInit): Promise<Response> {
    const answer = await fetch(url, {
      ...send,
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...send?.headers,
      },
    })
    if (answer.ok) return answer
    throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`)
  }

  async function job(method: string, path: string, body?: object): Promise<Job> {
    const answer = await call(method, `${root}/jobs/${path}`, {
      body: body === undefined ? null : JSON.stringify(body),
    })
    return jobSchema.parse(await answer.json())
  }

  return {
    async upload(object, csv) {
      const { id } = await job('POST', 'ingest', {
        object,
        operation: 'insert',
        contentType: 'CSV',
        lineEnding: 'LF',
      })
      await call('PUT', `${root}/jobs/ingest/${id}/batches`, {
        headers: { 'content-type': 'text/csv' },
        body: await openAsBlob(csv),
      })
      await job('PATCH', `ingest/${id}`, { state: 'UploadComplete' })
      return id
    },
    async waitForJob(kind, id) {
      for (;;) {
        const { state, numberRecordsProcessed, numberRecordsFailed } = await job(
          'GET',
          `${kind}/${id}`,
        )
        if (state === 'JobComplete') return numberRecordsProcessed - numberRecordsFailed
        if (state === 'Failed' || state === 'Aborted')
          throw new Error(`Job ${id} ended as ${state}.`)
        await sleep(LOOK_AGAIN_MS)
      }
    },
    async createQuery(query) {
      return (await job('POST', 'query', { operation: 'query', query })).id
    },
    async readPages(soql) {
      let rows = 0
      let next: string | undefined = `${root}/query?q=${encodeURIComponent(soql)}`
      while (next !== undefined) {
        const page: z.infer<typeof pageSchema> = pageSchema.parse(
          await (await call('GET', next)).json(),
        )
        rows += page.records.length
        next = page.nextRecordsUrl === undefined ? undefined : `${orgUrl}${page.nextRecordsUrl}`
      }
      return rows
    },
    async readResults(id, rowsAPage) {
      let rows = 0
      let locator: string | null = ''
      while (locator !== null && locator !== 'null') {
        const from: string = locator === '' ? '' : `&locator=${locator}`
        const answer = await call(
          'GET',
          `${root}/jobs/query/${id}/results?maxRecords=${rowsAPage}${from}`,
        )
        await answer.arrayBuffer()
        rows += Number(answer.headers.get('sforce-numberofrecords'))
        locator = answer.headers.get('sforce-locator')
      }
      return rows
    },
  }
}
