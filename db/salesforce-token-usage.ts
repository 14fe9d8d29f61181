import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** Calls of each connection by month (UTC). */
export function createTokenUsageQueries(connection: CommonQueryMethods) {
  return {
    async add(
      owner: { readonly connectionId: string; readonly workspaceId: string },
      calls: number,
      errors: number,
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into salesforce_token_usage (connection_id, workspace_id, date_yyyymm, user_id, username,
          api_calls, errors)
        select ${owner.connectionId}, ${owner.workspaceId}, to_char(now() at time zone 'utc', 'YYYYMM'),
          user_id, username, ${calls}, ${errors}
        from connections where connection_id = ${owner.connectionId}
        on conflict (connection_id, date_yyyymm) do update
        set api_calls = salesforce_token_usage.api_calls + excluded.api_calls,
          errors = salesforce_token_usage.errors + excluded.errors,
          user_id = excluded.user_id, username = excluded.username`)
    },
  }
}
