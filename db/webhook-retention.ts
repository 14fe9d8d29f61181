import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** Days of partitions that are there before they are needed. */
const DAYS_AHEAD = 14

/** What ages in the tables of webhooks, across all workspaces. */
export function createWebhookRetentionQueries(connection: CommonQueryMethods) {
  const deleteOld = async (
    table: 'salesforce_webhook_activity_log' | 'salesforce_realtime_analytics',
    days: number,
    limit: number,
  ) => {
    const name = sql.identifier([table])
    const { rowCount } = await connection.query(sql.type(row<never>())`
      delete from ${name} where id in (
        select id from ${name} where created_at < now() - ${days} * interval '1 day' limit ${limit})`)
    return rowCount
  }

  return {
    /** Cheap where they are there. Tells how many were made. */
    async makePartitions(): Promise<number> {
      return connection.oneFirst(sql.type(row<{ made: number }>())`
        select make_webhook_partitions(${DAYS_AHEAD}) as made`)
    },

    /** Of partitions that have their first rows: without it, finding a few reads them all. Tells how many. */
    async analyzeNew(): Promise<number> {
      return connection.oneFirst(sql.type(row<{ analyzed: number }>())`
        select analyze_new_webhook_partitions() as analyzed`)
    },

    /** A day of one table of which nothing waits any more. Tells how many partitions went: one, or none. */
    async dropPartition(days: number): Promise<number> {
      return connection.oneFirst(sql.type(row<{ dropped: number }>())`
        select drop_webhook_partitions(${days}) as dropped`)
    },

    async deleteDedupeKeys(days: number, limit: number): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from webhook_dedupe_keys where (connection_id, delivery_key) in (
          select connection_id, delivery_key from webhook_dedupe_keys
          where received_at < now() - ${days} * interval '1 day' limit ${limit})`)
      return rowCount
    },

    deleteActivities: (days: number, limit: number) =>
      deleteOld('salesforce_webhook_activity_log', days, limit),

    deleteFigures: (days: number, limit: number) =>
      deleteOld('salesforce_realtime_analytics', days, limit),
  }
}
