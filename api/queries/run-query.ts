import { setTimeout as sleep } from 'node:timers/promises'
import {
  openNextPage,
  openSoqlAnswer,
  packSoqlAnswer,
  packSoqlRequest,
  type SoqlRequest,
} from '../../bulk/query-blobs.ts'
import { createSoqlQueryQueries, type SoqlQuery, soqlQueryContext } from '../../db/soql-queries.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { encodeCursor } from '../http/cursor.ts'

const FIRST_LOOK_MS = 20
const LONGEST_LOOK_MS = 250
/** An answer that nobody has come for by then is removed. */
const ANSWER_SECONDS = 90
/** How long the next page can be asked for. Salesforce keeps its place longer, but not for many at once. */
const CURSOR_SECONDS = 3_600
/** Of one workspace, over all processes. */
const MOST_RUNNING = 50

export interface RunWish {
  readonly connectionId: string
  readonly objectType: string
  readonly request: SoqlRequest
}

export interface QueryAnswer {
  readonly records: readonly Readonly<Record<string, unknown>>[]
  readonly totalSize: number
  readonly done: boolean
  /** Null on the last page. */
  readonly nextCursor: string | null
}

/**
 * Has a query run by a workflow, whose answer lands in a row, and waits for it.
 * @throws {ApiError} with why there is no answer: `query_refused`, `query_timeout` …
 */
export async function runQuery(
  deps: ApiDependencies,
  c: ApiContext,
  { connectionId, objectType, request }: RunWish,
): Promise<QueryAnswer> {
  const { workspaceId, database } = c.var
  const queries = createSoqlQueryQueries(database)
  const queryId = `soql_${uuidV7()}`
  const sealed = deps.sealing.seal(soqlQueryContext(queryId, 'request'), packSoqlRequest(request))
  const isTaken = await queries.insert(
    {
      ...{ queryId, workspaceId, connectionId, objectType, request: sealed },
      answerSeconds: ANSWER_SECONDS,
      lifeSeconds: CURSOR_SECONDS,
    },
    MOST_RUNNING,
  )
  if (!isTaken) {
    const message = `A workspace runs ${MOST_RUNNING} queries at once. Wait for some to end.`
    throw new ApiError('too_many_queries', message, { headers: { 'retry-after': '2' } })
  }
  try {
    await deps.starters.startRunQuery({ workspaceId, connectionId, queryId })
  } catch (cause) {
    // The start may have arrived all the same: its run then finds that nobody waits.
    const message = 'Temporal does not answer, so nothing was asked of Salesforce. Try again soon.'
    const context = soqlQueryContext(queryId, 'answer')
    const refusal = deps.sealing.seal(context, packSoqlAnswer({ refusal: message }))
    await queries.fail(queryId, 'salesforce_unavailable', refusal)
    throw new ApiError('service_unavailable', message, { headers: { 'retry-after': '5' }, cause })
  }
  await waitForEnd(deps, c, queryId)
  const ended = await queries.find(queryId)
  const answer = ended === null ? null : answerOf(deps, ended)
  await queries.dropAnswer(queryId)
  if (answer === null) throw timeout()
  return answer
}

/** The page after one that was answered. @throws {ApiError} `query_cursor_expired` */
export async function nextPageOf(
  deps: ApiDependencies,
  c: ApiContext,
  queryId: string,
  objectType: string,
): Promise<RunWish> {
  const before = await createSoqlQueryQueries(c.var.database).find(queryId)
  if (before?.nextPage == null) {
    const message =
      'The page that this cursor leads to is kept no more. Begin the query again, or use POST /v1/queries.'
    throw new ApiError('query_cursor_expired', message)
  }
  if (before.objectType.toLowerCase() !== objectType.toLowerCase()) {
    const message = `The cursor is one of a query of ${before.objectType}.`
    throw new ApiError('invalid_cursor', message)
  }
  const context = soqlQueryContext(queryId, 'next_page')
  return {
    connectionId: before.connectionId,
    objectType: before.objectType,
    request: openNextPage(deps.sealing.open(context, before.nextPage)),
  }
}

async function waitForEnd(deps: ApiDependencies, c: ApiContext, queryId: string): Promise<void> {
  const queries = createSoqlQueryQueries(c.var.database)
  const deadline = Date.now() + deps.settings.queryWaitMs
  for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_LOOK_MS)) {
    if ((await queries.hasEnded(queryId)) !== false) return
    if (Date.now() >= deadline) return
    await sleep(pauseMs)
  }
}

/** Null where there is none yet, or no more. */
function answerOf(deps: ApiDependencies, query: SoqlQuery): QueryAnswer | null {
  if (query.state === 'running' || query.answer === null) return null
  const context = soqlQueryContext(query.queryId, 'answer')
  const answer = openSoqlAnswer(deps.sealing.open(context, query.answer))
  if ('refusal' in answer) throw new ApiError(query.errorCode ?? 'query_refused', answer.refusal)
  const { records, totalSize, done } = answer
  const nextCursor = query.nextPage === null ? null : encodeCursor([query.queryId])
  return { records, totalSize, done, nextCursor }
}

function timeout(): ApiError {
  const message =
    'Salesforce has not answered in time. Narrow the query, or use POST /v1/queries, which waits for as long as it takes.'
  return new ApiError('query_timeout', message)
}
