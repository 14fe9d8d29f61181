import { type CommonQueryMethods, sql } from 'slonik'
import { type BulkQuery, bulkQueryColumns, bulkQueryRow, toBulkQuery } from './bulk-query-row.ts'
import { row } from './row-type.ts'

/** A page whose parts are all written. */
export interface ReadQueryPage {
  /** How many pages are there with it. */
  readonly pageNumber: number
  readonly records: number
  readonly storedBytes: number
  /** Null: it was the last. */
  readonly nextLocator: string | null
}

/** What attempts note of their work. Each write names its epoch; where it changes nothing, another has taken over. */
export function createBulkQueryAttemptQueries(connection: CommonQueryMethods) {
  const isOwn = (queryId: string, epoch: number) =>
    sql.fragment`query_id = ${queryId} and epoch = ${epoch} and completed_at is null`

  return {
    /**
     * Takes the query over from any earlier attempt, and removes what that one wrote of a page that it did not bring to
     * its end. Run in a transaction. Null where the query has ended.
     */
    async takeOver(queryId: string): Promise<BulkQuery | null> {
      const taken = await connection.maybeOne(sql.type(bulkQueryRow)`
        update bulk_queries set epoch = epoch + 1 where query_id = ${queryId} and completed_at is null
        returning ${bulkQueryColumns}`)
      if (taken === null) return null
      await connection.query(sql.type(row<never>())`
        delete from bulk_query_parts where query_id = ${queryId} and page_number > ${taken.pages}`)
      return toBulkQuery(taken)
    },

    /** Committed before the call to Salesforce. */
    async setCreating(queryId: string, epoch: number): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update bulk_queries set upstream_state = 'creating', upstream_attempts = upstream_attempts + 1
        where ${isOwn(queryId, epoch)} and salesforce_job_id is null`)
      return rowCount === 1
    },

    async setCreated(queryId: string, epoch: number, salesforceJobId: string): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update bulk_queries set upstream_state = 'created', salesforce_job_id = ${salesforceJobId},
          upstream_created_at = now(), records_processed = 0
        where ${isOwn(queryId, epoch)} and salesforce_job_id is null`)
      return rowCount === 1
    },

    /** What Salesforce says of the job that is at work. */
    async setProgress(
      queryId: string,
      salesforceJobId: string,
      recordsProcessed: number,
      isComplete: boolean,
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update bulk_queries set records_processed = ${recordsProcessed},
          upstream_state = ${isComplete ? 'complete' : sql.fragment`upstream_state`}
        where query_id = ${queryId} and salesforce_job_id = ${salesforceJobId} and completed_at is null`)
    },

    /** Counts a page in and moves to the next one, in one statement; with the last one the query is complete. */
    async addPage(queryId: string, epoch: number, page: ReadQueryPage): Promise<boolean> {
      const isLast = page.nextLocator === null
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update bulk_queries set pages = ${page.pageNumber}, records = records + ${page.records},
          stored_bytes = stored_bytes + ${page.storedBytes}, next_locator = ${page.nextLocator},
          state = ${isLast ? 'Completed' : sql.fragment`state`},
          completed_at = ${isLast ? sql.fragment`now()` : null},
          blocked_reason = null, blocked_detail = null, blocked_at = null
        where ${isOwn(queryId, epoch)} and pages = ${page.pageNumber - 1}`)
      return rowCount === 1
    },

    /**
     * Salesforce has the job no more: another one is to be begun, and nothing of the first is kept, since the rows of
     * two runs do not fit together. Run in a transaction.
     */
    async startOver(queryId: string, salesforceJobId: string): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update bulk_queries set epoch = epoch + 1, upstream_state = null, salesforce_job_id = null,
          upstream_created_at = null, records_processed = 0, next_locator = null, pages = 0, records = 0,
          stored_bytes = 0
        where query_id = ${queryId} and salesforce_job_id = ${salesforceJobId} and completed_at is null`)
      if (rowCount === 0) return false
      await connection.query(sql.type(row<never>())`
        delete from bulk_query_parts where query_id = ${queryId}`)
      return true
    },
  }
}
