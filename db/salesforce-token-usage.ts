import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** Calls of each connection by month (UTC). */
export function createTokenUsageQueries(connection: CommonQueryMethods) {
  return {
    async add(
      owner: { readonly connectionId: string; readonly workspaceId: string },
      { calls, errors, bytes }: { calls: number; errors: number; bytes: number },
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into salesforce_token_usage (connection_id, workspace_id, date_yyyymm, user_id, username,
          api_calls, errors, data_transferred)
        select ${owner.connectionId}, ${owner.workspaceId}, to_char(now() at time zone 'utc', 'YYYYMM'),
          user_id, username, ${calls}, ${errors}, ${bytes}
        from connections where connection_id = ${owner.connectionId}
        on conflict (connection_id, date_yyyymm) do update
        set api_calls = salesforce_token_usage.api_calls + excluded.api_calls,
          errors = salesforce_token_usage.errors + excluded.errors,
          data_transferred = coalesce(salesforce_token_usage.data_transferred, 0) + excluded.data_transferred,
          user_id = excluded.user_id, username = excluded.username`)
    },
  }
}
