import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** What a part is sealed for: its bytes do not open anywhere else. */
export function queryPartContext(queryId: string, pageNumber: number, partNumber: number): string {
  return `bulk_query_parts/${queryId}/${pageNumber}/${partNumber}`
}

export interface QueryPartPlace {
  readonly pageNumber: number
  readonly partNumber: number
}

export interface QueryPart extends QueryPartPlace {
  readonly body: Buffer
}

export function createBulkQueryPartQueries(connection: CommonQueryMethods) {
  return {
    /**
     * False where another attempt has taken the query over. Waits for one that is just doing so, and keeps it waiting:
     * a part that is written before it is seen by it and removed.
     */
    async insert(
      query: { readonly queryId: string; readonly workspaceId: string; readonly epoch: number },
      part: QueryPart,
    ): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        with held as (
          select query_id from bulk_queries
          where query_id = ${query.queryId} and epoch = ${query.epoch} and state in ('InProgress', 'Blocked')
          for share)
        insert into bulk_query_parts (query_id, page_number, part_number, workspace_id, body)
        select query_id, ${part.pageNumber}, ${part.partNumber}, ${query.workspaceId}, ${sql.binary(part.body)}
        from held
        on conflict (query_id, page_number, part_number) do update set body = excluded.body`)
      return rowCount === 1
    },

    /** Parts of pages that are counted in, in order after the given place, up to so many pages. */
    async listAfter(
      queryId: string,
      after: QueryPartPlace | null,
      pages: number,
      limit: number,
    ): Promise<QueryPart[]> {
      const from = after ?? { pageNumber: 0, partNumber: 0 }
      const found = await connection.any(
        sql.type(row<{ page_number: number; part_number: number; body: Buffer }>())`
        select page_number, part_number, body from bulk_query_parts
        where query_id = ${queryId} and page_number <= ${pages}
          and (page_number, part_number) > (${from.pageNumber}, ${from.partNumber})
        order by page_number, part_number limit ${limit}`,
      )
      return found.map((r) => ({
        pageNumber: r.page_number,
        partNumber: r.part_number,
        body: r.body,
      }))
    },

    /** Removes up to `limit` parts and says how many. */
    async deleteSomeOf(queryId: string, limit: number): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from bulk_query_parts where (query_id, page_number, part_number) in (
          select query_id, page_number, part_number from bulk_query_parts
          where query_id = ${queryId} limit ${limit})`)
      return rowCount
    },
  }
}
