import {
  type BulkQueryState,
  type BulkQueryWish,
  hasBulkQueryEnded,
} from '../contracts/bulk-query.ts'
import type { TemporalConnection } from './connect.ts'
import type { StartableBulkQuery, Starters } from './starters.ts'
import { endOfWorkflow } from './workflow-end.ts'

interface SweptQuery extends StartableBulkQuery {
  readonly state: BulkQueryState
  readonly wish: BulkQueryWish
}

/** What the sweeper reads and writes of durable queries; `db/bulk-queries.ts` fits. */
export interface BulkQueryStore {
  get(queryId: string): Promise<SweptQuery | null>
  end(
    queryId: string,
    state: 'Failed',
    error: { readonly code: 'workflow_ended'; readonly detail: null },
  ): Promise<unknown>
  isHeldForNothing(queryId: string): Promise<boolean>
}

interface QueryStart {
  readonly workflowId: string
  readonly subjectId: string
}

/** The part of the sweeper that keeps accepted queries going. */
export function createBulkQuerySweep(options: {
  readonly temporal: TemporalConnection
  readonly starters: Pick<Starters, 'startBulkQuery' | 'wakeBulkQuery'>
  readonly store: BulkQueryStore
  readonly logger: { warn(fields: object, message: string): void }
}) {
  const { temporal, starters, store, logger } = options

  return {
    async begin({ subjectId }: QueryStart): Promise<void> {
      const query = await store.get(subjectId)
      if (query !== null && !hasBulkQueryEnded(query.state)) await starters.startBulkQuery(query)
    },

    async lookAfter({ workflowId, subjectId }: QueryStart): Promise<void> {
      const ended = await endOfWorkflow(temporal, workflowId)
      // It may have finished between our two looks.
      const query = await store.get(subjectId)
      if (query === null || hasBulkQueryEnded(query.state)) return
      switch (ended.kind) {
        case 'running':
          // A wish whose signal was lost because Temporal was away, or a connection that works again.
          if (query.wish === 'cancel' || (await store.isHeldForNothing(subjectId))) {
            await starters.wakeBulkQuery(subjectId)
          }
          return
        case 'lost':
          logger.warn({ queryId: subjectId, why: ended.why }, 'starting the query again')
          await starters.startBulkQuery(query)
          return
        case 'ended':
          // It only reads: whoever wants it asks again.
          logger.warn({ queryId: subjectId, why: ended.why }, 'the query was ended in Temporal')
          await store.end(subjectId, 'Failed', { code: 'workflow_ended', detail: null })
          return
        default:
          return unknownEnd(ended)
      }
    },
  }
}

function unknownEnd(end: never): never {
  throw new Error(`Unknown end ${JSON.stringify(end)}`)
}
