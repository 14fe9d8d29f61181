import { z } from 'zod'
import type { TestClient } from './test-client.ts'

const savedSchema = z.object({ id: z.string() })
const queriedSchema = z.object({ records: z.array(z.record(z.string(), z.unknown())) })
const refusalSchema = z.array(
  z.object({
    errorCode: z.string(),
    message: z.string(),
    fields: z.array(z.string()).nullish(),
  }),
)

export type Shown = Record<string, unknown>

/** Single records as tests want them: what is no success throws, what must be refused is asked for. */
export interface RecordClient {
  create(object: string, values: object): Promise<string>
  update(object: string, id: string, values: object): Promise<void>
  remove(object: string, id: string): Promise<void>
  read(object: string, id: string): Promise<Shown>
  query(soql: string): Promise<Shown[]>
  /** The code of the refusal, or `none`. */
  refusal(method: string, path: string, body?: object): Promise<string>
}

export function createRecordClient(client: TestClient): RecordClient {
  async function done(method: string, path: string, body?: object): Promise<Response> {
    const response = await client.call(method, `/sobjects/${path}`, body)
    if (response.ok) return response
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  }
  return {
    async create(object, values) {
      const response = await done('POST', object, values)
      return savedSchema.parse(await response.json()).id
    },
    update: async (object, id, values) => void (await done('PATCH', `${object}/${id}`, values)),
    remove: async (object, id) => void (await done('DELETE', `${object}/${id}`)),
    async read(object, id) {
      const response = await done('GET', `${object}/${id}`)
      return z.record(z.string(), z.unknown()).parse(await response.json())
    },
    async query(soql) {
      const answer = await client.json('GET', `/query?q=${encodeURIComponent(soql)}`)
      return queriedSchema.parse(answer).records
    },
    async refusal(method, path, body) {
      const response = await client.call(method, `/sobjects/${path}`, body)
      if (response.ok) return 'none'
      return refusalSchema.parse(await response.json())[0]?.errorCode ?? 'none'
    },
  }
}
