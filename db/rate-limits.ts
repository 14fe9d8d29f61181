import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** What a subject has used of its window, this use counted. */
export interface RateLimitUse {
  readonly used: number
  /** Seconds until the window ends, from 0 on. */
  readonly secondsLeft: number
}

/** More is as good as this: a number that grows for as long as someone hammers would overflow. */
const MOST_COUNTED = 1_000_000_000

/** Windows of `rate_limit_windows`. They begin with the first use, and are told by the database's clock alone. */
export function createRateLimitQueries(connection: CommonQueryMethods) {
  return {
    /** Counts one use, in one statement, whichever process asks. */
    async use(subject: string, windowMs: number): Promise<RateLimitUse> {
      return connection.one(sql.type(row<RateLimitUse>())`
        insert into rate_limit_windows as w (subject, used, ends_at)
        values (${subject}, 1, now() + ${windowMs} * interval '1 millisecond')
        on conflict (subject) do update set
          used = case when w.ends_at <= now() then 1 else least(w.used + 1, ${MOST_COUNTED}) end,
          -- A window that was made longer than windows are now ends with them.
          ends_at = case when w.ends_at <= now() then excluded.ends_at
            else least(w.ends_at, excluded.ends_at) end
        returning used, greatest(0, extract(epoch from ends_at - now()))::float8 as "secondsLeft"`)
    },

    /** Removes windows that have ended, `limit` at most. */
    async deleteEnded(limit: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from rate_limit_windows where subject in (
          select subject from rate_limit_windows where ends_at < now()
          limit ${limit} for update skip locked)`)
    },
  }
}
