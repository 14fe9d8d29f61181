import { type CommonQueryMethods, sql } from 'slonik'
import type { SoqlQueryFailure } from '../contracts/soql-query.ts'
import { row } from './row-type.ts'

/** A row of `soql_queries`: what is asked of Salesforce, and its answer for as long as somebody waits. */
export interface SoqlQuery {
  readonly queryId: string
  readonly workspaceId: string
  readonly connectionId: string
  readonly objectType: string
  readonly state: 'running' | 'succeeded' | 'failed'
  readonly request: Buffer
  readonly answer: Buffer | null
  readonly nextPage: Buffer | null
  readonly errorCode: SoqlQueryFailure | null
}

interface SoqlQueryRow {
  query_id: string
  workspace_id: string
  connection_id: string
  object_type: string
  state: SoqlQuery['state']
  request: Buffer
  answer: Buffer | null
  next_page: Buffer | null
  error_code: SoqlQueryFailure | null
}

/** What a value of a row is sealed for. */
export function soqlQueryContext(
  queryId: string,
  column: 'request' | 'answer' | 'next_page',
): string {
  return `soql_queries/${queryId}/${column}`
}

export function createSoqlQueryQueries(connection: CommonQueryMethods) {
  return {
    /** False where so many of the workspace's queries run already. */
    async insert(
      query: Pick<
        SoqlQuery,
        'queryId' | 'workspaceId' | 'connectionId' | 'objectType' | 'request'
      > & { readonly answerSeconds: number; readonly lifeSeconds: number },
      mostRunning: number,
    ): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        insert into soql_queries (query_id, workspace_id, connection_id, object_type, request, answer_expires_at,
          expires_at)
        select ${query.queryId}, ${query.workspaceId}, ${query.connectionId}, ${query.objectType},
          ${sql.binary(query.request)}, now() + ${query.answerSeconds} * interval '1 second',
          now() + ${query.lifeSeconds} * interval '1 second'
        where (select count(*) from soql_queries
          where workspace_id = ${query.workspaceId} and state = 'running' and answer_expires_at > now()
        ) < ${mostRunning}`)
      return rowCount === 1
    },

    /** Null also where its time is over. */
    async find(queryId: string): Promise<SoqlQuery | null> {
      const found = await connection.maybeOne(sql.type(row<SoqlQueryRow>())`
        select query_id, workspace_id, connection_id, object_type, state, request, answer, next_page, error_code
        from soql_queries where query_id = ${queryId} and expires_at > now()`)
      return found
        ? {
            queryId: found.query_id,
            workspaceId: found.workspace_id,
            connectionId: found.connection_id,
            objectType: found.object_type,
            state: found.state,
            request: found.request,
            answer: found.answer,
            nextPage: found.next_page,
            errorCode: found.error_code,
          }
        : null
    },

    /** Whether it has ended; null where it is gone. */
    async hasEnded(queryId: string): Promise<boolean | null> {
      return connection.maybeOneFirst(sql.type(row<{ ended: boolean }>())`
        select state <> 'running' as ended from soql_queries where query_id = ${queryId}`)
    },

    /** False where it has ended already: the first outcome stands. */
    async succeed(queryId: string, answer: Buffer, nextPage: Buffer | null): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update soql_queries set state = 'succeeded', finished_at = now(), answer = ${sql.binary(answer)},
          next_page = ${nextPage === null ? null : sql.binary(nextPage)}
        where query_id = ${queryId} and state = 'running'`)
      return rowCount === 1
    },

    /** As `succeed`. */
    async fail(queryId: string, code: SoqlQueryFailure, answer: Buffer): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update soql_queries set state = 'failed', finished_at = now(), error_code = ${code},
          answer = ${sql.binary(answer)}
        where query_id = ${queryId} and state = 'running'`)
      return rowCount === 1
    },

    /** The caller has it. */
    async dropAnswer(queryId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update soql_queries set answer = null where query_id = ${queryId} and state <> 'running'`)
    },

    /** Run as the system: answers that nobody came for, and rows past their time. */
    async clearExpired(limit: number): Promise<number> {
      const answers = await connection.query(sql.type(row<never>())`
        update soql_queries set answer = null where query_id in (
          select query_id from soql_queries
          where answer is not null and answer_expires_at < now() limit ${limit} for update skip locked)`)
      const rows = await connection.query(sql.type(row<never>())`
        delete from soql_queries where query_id in (
          select query_id from soql_queries where expires_at < now() limit ${limit} for update skip locked)`)
      return answers.rowCount + rows.rowCount
    },
  }
}
