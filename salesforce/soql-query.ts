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

/**
 * What one call reads: the first page of a query, or the page at the address that the one before gave. `batchSize` is
 * how many records a page should have; Salesforce takes it as a hint.
 */
export type PageRequest = { readonly batchSize: number | null } & (
  | { readonly soql: string }
  | { readonly nextPage: string }
)

export interface SinglePage extends QueryPage {
  /** Address of the next page; null on the last. Good for two days, unless too many are open. */
  readonly nextPage: string | null
}

/** Reads one page and no more. An address is taken as Salesforce gave it, and must be on the instance. */
export type SoqlPageReader = (request: PageRequest, options?: QueryOptions) => Promise<SinglePage>

export function createSoqlPageReader(caller: Caller, apiVersion: string): SoqlPageReader {
  return async (request, { signal } = {}) => {
    const { batchSize } = request
    const page = await readPage(caller, {
      method: 'GET',
      target:
        'soql' in request
          ? `/services/data/v${apiVersion}/query?${new URLSearchParams({ q: request.soql })}`
          : request.nextPage,
      ...(batchSize === null
        ? {}
        : { headers: { 'sforce-query-options': `batchSize=${batchSize}` } }),
      signal,
    })
    const { totalSize, records, done } = page
    return { totalSize, records, done, nextPage: page.done ? null : page.nextRecordsUrl }
  }
}

/** Runs SOQL by REST; each page is fetched when it is asked for. */
export type SoqlQuery = (soql: string, options?: QueryOptions) => AsyncIterable<QueryPage>

export function createSoqlQuery(caller: Caller, apiVersion: string): SoqlQuery {
  const first = `/services/data/v${apiVersion}/query?`

  return async function* (soql, { signal } = {}) {
    let target: string | null = first + new URLSearchParams({ q: soql })
    while (target !== null) {
      const page: RawPage = await readPage(caller, { method: 'GET', target, signal })
      yield { totalSize: page.totalSize, records: page.records, done: page.done }
      target = page.done ? null : page.nextRecordsUrl
    }
  }
}

function readPage(caller: Caller, call: Call): Promise<RawPage> {
  return caller.read(call, async (answer, context) =>
    parseAnswer(
      quoteLongNumbers(await readJsonText(answer.body, context)),
      pageAnswer,
      answer,
      context,
    ),
  )
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

type RawPage = z.output<typeof pageAnswer>
