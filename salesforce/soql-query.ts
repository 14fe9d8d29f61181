import { z } from 'zod'
import { readJsonText } from './answer-body.ts'
import { type Call, type Caller, parseAnswer } from './caller.ts'
import { quoteLongNumbers } from './long-numbers.ts'

export type QueryRecord = Readonly<Record<string, unknown>>

/** One page of a query's answer. Numbers that a double cannot hold are strings, as Salesforce wrote them. */
export interface QueryPage {
  readonly totalSize: number
  readonly records: readonly QueryRecord[]
  readonly done: boolean
}

export interface QueryOptions {
  readonly signal?: AbortSignal
}

/** Runs SOQL by REST; each page is fetched when it is asked for. */
export type SoqlQuery = (soql: string, options?: QueryOptions) => AsyncIterable<QueryPage>

export function createSoqlQuery(caller: Caller, apiVersion: string): SoqlQuery {
  const first = `/services/data/v${apiVersion}/query?`

  return async function* (soql, { signal } = {}) {
    let target: string | null = first + new URLSearchParams({ q: soql })
    while (target !== null) {
      const call: Call = { method: 'GET', target, signal }
      const page: z.output<typeof pageAnswer> = await caller.read(call, async (answer, context) =>
        parseAnswer(
          quoteLongNumbers(await readJsonText(answer.body, context)),
          pageAnswer,
          answer,
          context,
        ),
      )
      yield { totalSize: page.totalSize, records: page.records, done: page.done }
      target = page.done ? null : page.nextRecordsUrl
    }
  }
}

const records = z.array(z.record(z.string(), z.unknown()))

// `done: false` without the next page's address would end the query early and unseen.
const pageAnswer = z.discriminatedUnion('done', [
  z.object({ totalSize: z.number(), done: z.literal(true), records }),
  z.object({
    totalSize: z.number(),
    done: z.literal(false),
    records,
    nextRecordsUrl: z.string().min(1),
  }),
])
