import { Context } from '@temporalio/activity'
import {
  openSoqlRequest,
  packNextPage,
  packSoqlAnswer,
  type SoqlRequest,
} from '../../bulk/query-blobs.ts'
import type { SoqlQueryInput } from '../../contracts/soql-query.ts'
import { createSoqlQueryQueries, soqlQueryContext } from '../../db/soql-queries.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { type QueryRefusal, queryRefusalOf } from './query-failure.ts'

/** Before compression; a caller who wants more reads it page by page, or by a durable query. */
const MOST_ANSWER_BYTES = 16_000_000

/** Runs queries that a caller waits for. Reading again changes nothing, and the first outcome stands. */
export function createRunSoqlQuery(
  deps: Pick<ActivityDependencies, 'database' | 'connections' | 'sealing' | 'logger'>,
) {
  const { sealing } = deps
  const queries = createSoqlQueryQueries(deps.database)

  return {
    async runSoqlQuery({ queryId }: SoqlQueryInput): Promise<void> {
      const query = await queries.find(queryId)
      // Past its time: nobody waits any more.
      if (query === null || query.state !== 'running') return
      try {
        const request = openSoqlRequest(
          sealing.open(soqlQueryContext(queryId, 'request'), query.request),
        )
        await answer(queryId, query.connectionId, request)
      } catch (error) {
        const refusal = queryRefusalOf(error)
        if (refusal === null) throw error
        await fail(queryId, refusal)
      }
    },

    /** Where no attempt came to an end in time. */
    async giveUpSoqlQuery({ queryId }: SoqlQueryInput): Promise<void> {
      await fail(queryId, {
        code: 'salesforce_unavailable',
        message: 'Salesforce did not answer in time. Try again soon.',
      })
    },
  }

  async function answer(
    queryId: string,
    connectionId: string,
    request: SoqlRequest,
  ): Promise<void> {
    const client = await deps.connections.clientFor(connectionId)
    const page = await client.queryPage(request, { signal: Context.current().cancellationSignal })
    const { totalSize, done, records } = page
    const packed = packSoqlAnswer({ totalSize, done, records })
    // The frame begins with the length of what is in it.
    if (packed.readUInt32LE(0) > MOST_ANSWER_BYTES) {
      await fail(queryId, {
        code: 'query_answer_too_large',
        message: `The answer has more than ${MOST_ANSWER_BYTES} bytes. Select fewer fields, ask for fewer records at once, or use POST /v1/queries.`,
      })
      return
    }
    await queries.succeed(
      queryId,
      sealing.seal(soqlQueryContext(queryId, 'answer'), packed),
      page.nextPage === null
        ? null
        : sealing.seal(
            soqlQueryContext(queryId, 'next_page'),
            packNextPage({ nextPage: page.nextPage, batchSize: request.batchSize }),
          ),
    )
  }

  async function fail(queryId: string, { code, message }: QueryRefusal): Promise<void> {
    const packed = packSoqlAnswer({ refusal: message })
    const sealed = sealing.seal(soqlQueryContext(queryId, 'answer'), packed)
    if (await queries.fail(queryId, code, sealed)) {
      // Not its words: they may repeat values of the query.
      deps.logger.info({ queryId, code }, 'a query has no answer')
    }
  }
}
