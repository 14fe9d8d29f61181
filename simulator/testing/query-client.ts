import { z } from 'zod'
import { makeId } from '../ids.ts'
import type { SeedRecord } from '../seed/seed-record.ts'
import type { RecordFields } from '../store/record-store.ts'
import { createTestClient, errorSchema, type TestClient } from './test-client.ts'

const answerSchema = z.looseObject({
  totalSize: z.number(),
  done: z.boolean(),
  nextRecordsUrl: z.string().optional(),
  records: z.array(z.record(z.string(), z.unknown())),
})
export type QueryAnswer = z.infer<typeof answerSchema>

/** A client for tests of queries. */
export interface QueryClient {
  readonly client: TestClient
  /** The whole answer. */
  answer(soql: string, headers?: Record<string, string>): Promise<QueryAnswer>
  /** The answer at an address. */
  follow(url: string, headers?: Record<string, string>): Promise<QueryAnswer>
  /** The records without their attributes, at all levels. */
  rows(soql: string): Promise<unknown[]>
  /** Values of the first selected column. */
  column(soql: string): Promise<unknown[]>
  /** `<status> <code>: <message>` of a refusal. */
  refusal(soql: string): Promise<string>
}

export async function createQueryClient(url: string): Promise<QueryClient> {
  const client = await createTestClient(url)
  const address = (soql: string): string => `/query?q=${encodeURIComponent(soql)}`

  async function follow(path: string, headers: Record<string, string> = {}): Promise<QueryAnswer> {
    const response = await client.call('GET', path, undefined, headers)
    const text = await response.text()
    if (response.status !== 200)
      throw new Error(`${path.slice(0, 500)}: ${response.status} ${text}`)
    return answerSchema.parse(JSON.parse(text))
  }
  async function rows(soql: string): Promise<unknown[]> {
    return (await follow(address(soql))).records.map(bare)
  }

  return {
    client,
    follow,
    rows,
    answer: (soql, headers) => follow(address(soql), headers),
    async column(soql) {
      const { records } = await follow(address(soql))
      return records.map((record) => Object.values(record)[1])
    },
    async refusal(soql) {
      const response = await client.call('GET', address(soql))
      const [error] = errorSchema.parse(await response.json())
      return `${response.status} ${error?.errorCode}: ${error?.message}`
    },
  }
}

/** A value of an answer without the attributes of its records. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'attributes')
      .map(([key, inner]) => [key, bare(inner)]),
  )
}

const AT = Date.UTC(2024, 1, 29, 23, 30)

/** A record for a test, made on a leap day shortly before midnight unless it says otherwise. */
export function testRecord(
  object: string,
  n: number,
  fields: RecordFields,
  created = AT,
  deleted = false,
): SeedRecord {
  const owned = { OwnerId: makeId('005', 1), ...fields }
  return { object, n, fields: owned, created, modified: created, createdBy: 1, deleted }
}
