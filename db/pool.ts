import { createPgDriverFactory } from '@slonik/pg-driver'
import {
  type CommonQueryMethods,
  createPool as createSlonikPool,
  type DatabasePool,
  type DatabaseTransactionConnection,
} from 'slonik'

export type { CommonQueryMethods, DatabasePool, DatabaseTransactionConnection }

export interface PoolOptions {
  readonly databaseUrl: string
  /** Connections at most. */
  readonly size: number
  /** Called for errors of idle connections, which would otherwise end the process. */
  readonly onError: (error: Error) => void
}

/**
 * A pool whose connections are not reset between queries: nothing here uses session state,
 * and slonik's default reset costs a round trip a query (gajus/slonik#719).
 */
export async function createPool(options: PoolOptions): Promise<DatabasePool> {
  const pool = await createSlonikPool(options.databaseUrl, {
    driverFactory: createPgDriverFactory(),
    maxPoolSize: options.size,
    connectionTimeout: 5_000,
    connectionRetryLimit: 1,
    idleTimeout: 60_000,
    statementTimeout: 60_000,
    // A frozen process gives up the rows that it holds; no transaction of ours pauses for a second.
    idleInTransactionSessionTimeout: 10_000,
    resetConnection: async () => {},
    typeParsers: [
      // Counts and sizes: all far below 2^53.
      { name: 'int8', parse: Number },
      { name: 'timestamptz', parse: (value) => new Date(value) },
    ],
  })
  pool.on('error', options.onError)
  return pool
}
