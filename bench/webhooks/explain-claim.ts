import { createPgDriverFactory } from '@slonik/pg-driver'
import { createPool, type Interceptor } from 'slonik'
import {
  type ClaimOptions,
  createWebhookDeliveryQueueQueries,
} from '../../db/webhook-delivery-queue.ts'

/** How Postgres finds what a pump claims, in the role of the pump. The rows stay claimed. */
export async function explainClaim(databaseUrl: string, options: ClaimOptions): Promise<string> {
  const lines: string[] = []
  const explain: Interceptor = {
    name: 'explain',
    transformQuery: (_context, query) =>
      query.sql.includes('webhook_delivery_queue')
        ? { ...query, sql: `explain (analyze, buffers) ${query.sql}` }
        : query,
    transformRow: (_context, _query, row) => {
      if ('QUERY PLAN' in row) lines.push(String(row['QUERY PLAN']))
      return row
    },
  }
  const url = new URL(databaseUrl)
  url.searchParams.set('options', '-c role=conveyor_system')
  const pool = await createPool(url.toString(), {
    driverFactory: createPgDriverFactory(),
    maxPoolSize: 1,
    interceptors: [explain],
    resetConnection: async () => {},
  })
  try {
    await createWebhookDeliveryQueueQueries(pool).claim(options)
  } finally {
    await pool.end()
  }
  return lines.join('\n')
}
