import { Context } from '@temporalio/activity'
import { packQueryPart } from '../../bulk/query-blobs.ts'
import { createQueryPageScan } from '../../bulk/query-page.ts'
import { ResultFileError } from '../../bulk/result-lines.ts'
import type { BulkQueryInput, BulkQueryProgress } from '../../contracts/bulk-query.ts'
import { type BulkQuery, createBulkQueryQueries } from '../../db/bulk-queries.ts'
import { createBulkQueryAttemptQueries } from '../../db/bulk-query-attempts.ts'
import { createBulkQueryPartQueries, queryPartContext } from '../../db/bulk-query-parts.ts'
import type { SalesforceClient } from '../../salesforce/client.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import type { QueryJobPage } from '../../salesforce/query-jobs.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { blocked, internal, superseded } from '../failures.ts'
import { startOver } from './end-query.ts'
import { clientOfQuery, progressNow, progressOf, requestOf } from './query-of.ts'

/** Bytes of CSV in one part: what is in memory, and what one statement writes. */
const PART_BYTES = 1_000_000

/**
 * Reads the results page by page. The parts of a page are written as they arrive and count only once the whole page is
 * there: then one statement adds them and moves to the next page. A second attempt reads the page that was not brought
 * to its end once more, and no other.
 */
export function createReadQueryResults(
  deps: Pick<
    ActivityDependencies,
    'database' | 'connections' | 'sealing' | 'logger' | 'failpoint' | 'queries'
  >,
) {
  const { database, sealing } = deps
  const attempts = createBulkQueryAttemptQueries(database)
  const parts = createBulkQueryPartQueries(database)

  return function readQueryResults({ queryId }: BulkQueryInput): Promise<BulkQueryProgress> {
    return heartbeatWhile(async () => {
      const query = await database.transaction((transaction) =>
        createBulkQueryAttemptQueries(transaction).takeOver(queryId),
      )
      if (query === null) return progressNow(deps, queryId)
      if (query.salesforceJobId === null || query.upstreamState !== 'complete') {
        return progressOf(query)
      }
      await readPages(query, query.salesforceJobId)
      return progressNow(deps, queryId)
    })
  }

  async function readPages(query: BulkQuery, salesforceJobId: string): Promise<void> {
    const { queryId, epoch } = query
    const signal = Context.current().cancellationSignal
    const client = await clientOfQuery(deps, query, signal)
    const columns = requestOf(deps, query).columns.map(({ name }) => name)
    let { pages, nextLocator } = query
    for (;;) {
      await requireRoom(query)
      const page = await ask(client, salesforceJobId, nextLocator, signal)
      if (page === null) return startOver(deps, query, salesforceJobId)
      const read = await keep(query, pages + 1, columns, page)
      if (page.locator !== null && page.locator === nextLocator) {
        throw internal('Salesforce named the same page as the next one.')
      }
      await deps.failpoint('query.before-page')
      const added = await attempts.addPage(queryId, epoch, {
        ...{ ...read, pageNumber: pages + 1, nextLocator: page.locator },
      })
      if (!added) throw superseded(`query ${queryId}`)
      await deps.failpoint('query.after-page')
      if (page.locator === null) return
      pages += 1
      nextLocator = page.locator
    }
  }

  /** Null where Salesforce has the job no more. */
  async function ask(
    client: SalesforceClient,
    salesforceJobId: string,
    locator: string | null,
    signal: AbortSignal,
  ): Promise<QueryJobPage | null> {
    const { pageRecords: maxRecords } = deps.queries
    try {
      return await client.queries.results(salesforceJobId, { locator, maxRecords, signal })
    } catch (error) {
      if (isSalesforceError(error) && error.kind === 'not_found') return null
      throw error
    }
  }

  /** Writes the page's parts. A stream that is left early is closed by the loop. */
  async function keep(
    query: BulkQuery,
    pageNumber: number,
    columns: readonly string[],
    page: QueryJobPage,
  ): Promise<{ readonly records: number; readonly storedBytes: number }> {
    const scan = createQueryPageScan(columns)
    let pending: Buffer[] = []
    let pendingBytes = 0
    let partNumber = 0
    let storedBytes = 0

    async function write(): Promise<void> {
      if (pendingBytes === 0) return
      partNumber += 1
      const context = queryPartContext(query.queryId, pageNumber, partNumber)
      const body = sealing.seal(context, packQueryPart(Buffer.concat(pending, pendingBytes)))
      pending = []
      pendingBytes = 0
      storedBytes += body.length
      if (!(await parts.insert(query, { pageNumber, partNumber, body }))) {
        throw superseded(`query ${query.queryId}`)
      }
      await deps.failpoint('query.part')
    }

    async function take(bytes: Buffer): Promise<void> {
      if (bytes.length === 0) return
      pending.push(bytes)
      pendingBytes += bytes.length
      if (pendingBytes >= PART_BYTES) await write()
    }

    // A stream of bytes without an encoding yields Buffers.
    for await (const piece of page.stream) await take(scan.push(piece as Buffer))
    const { rest, records } = scan.finish()
    await take(rest)
    await write()
    if (page.numberOfRecords !== null && page.numberOfRecords !== records) {
      throw new ResultFileError(
        `A page of results has ${records} records; Salesforce speaks of ${page.numberOfRecords}`,
      )
    }
    return { records, storedBytes }
  }

  async function requireRoom({ workspaceId }: BulkQuery): Promise<void> {
    const { quotaBytes } = deps.queries
    const stored = await createBulkQueryQueries(database).storedBytes(workspaceId)
    if (stored < quotaBytes) return
    throw blocked(
      'result_quota_full',
      `Results of queries take ${stored} of the ${quotaBytes} bytes that this workspace may keep.`,
    )
  }
}
