import type { CommonQueryMethods, DatabasePool, DatabaseTransactionConnection } from 'slonik'
import { sql } from 'slonik'
import { row } from './row-type.ts'

/** All that one workspace has, and nothing of any other: row-level security holds it to that. */
export type WorkspaceDatabase = CommonQueryMethods

/**
 * The pool as one workspace sees it. Each query is a transaction that names the workspace first: named for a
 * connection it would still be there for the next one who gets it. A transaction stays one.
 */
export function createWorkspaceDatabase(
  pool: DatabasePool,
  workspaceId: string,
): WorkspaceDatabase {
  function within<T>(
    work: (transaction: DatabaseTransactionConnection) => Promise<T>,
    retryLimit?: number,
  ): Promise<T> {
    return pool.transaction(async (transaction) => {
      await transaction.query(sql.prepared('name_workspace', row<never>())`
        select set_config('conveyor.workspace', ${workspaceId}, true)`)
      return work(transaction)
    }, retryLimit)
  }

  const single = <Method extends Exclude<keyof CommonQueryMethods, 'transaction' | 'stream'>>(
    method: Method,
  ): CommonQueryMethods[Method] => {
    const call = (...args: Parameters<CommonQueryMethods[Method]>) =>
      // The same method of a transaction takes and gives the same; TypeScript cannot see that of a name that varies.
      within((transaction) =>
        (transaction[method] as (...args: unknown[]) => Promise<unknown>)(...args),
      )
    return call as CommonQueryMethods[Method]
  }

  return {
    any: single('any'),
    anyFirst: single('anyFirst'),
    exists: single('exists'),
    many: single('many'),
    manyFirst: single('manyFirst'),
    maybeOne: single('maybeOne'),
    maybeOneFirst: single('maybeOneFirst'),
    one: single('one'),
    oneFirst: single('oneFirst'),
    query: single('query'),
    record: single('record'),
    stream: (query, handler) => within((transaction) => transaction.stream(query, handler)),
    transaction: within,
  }
}
