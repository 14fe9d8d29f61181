import type { BulkJobState } from '../../contracts/bulk-job.ts'
import type { OwnEventType } from '../../contracts/event-types.ts'
import {
  createBulkJobStateChangeQueries,
  type UnannouncedChange,
} from '../../db/bulk-job-state-changes.ts'
import { createWebhookEventQueries, type NewWebhookEvent } from '../../db/webhook-events.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import type { Sealing } from '../../security/sealing.ts'
import { ownEvent } from '../webhook/own-event.ts'

/**
 * Makes events of up to `limit` changes of jobs that ended or are blocked, exactly one a change: the event and the
 * mark on the change are written together. What another process is at is left to it.
 * @returns how many; fewer than `limit`: there are no more
 */
export async function announceJobChanges(
  database: WorkspaceDatabase,
  sealing: Sealing,
  limit: number,
): Promise<number> {
  return database.transaction(async (transaction) => {
    const changes = createBulkJobStateChangeQueries(transaction)
    const found = await changes.lockUnannounced(limit)
    if (found.length === 0) return 0
    await createWebhookEventQueries(transaction).insertAll(
      found.map((change) => eventOf(change, sealing)),
    )
    await changes.setAnnounced(found.map(({ changeId }) => changeId))
    return found.length
  })
}

function eventOf(change: UnannouncedChange, sealing: Sealing): NewWebhookEvent {
  const { workspaceId, jobId, connectionId, toState } = change
  const event = ownEvent(sealing, {
    ...{ workspaceId, connectionId, eventType: typeOf(toState), subjectId: jobId },
    record: {
      job_id: jobId,
      object: change.objectType,
      operation: change.operation,
      state: toState,
      reason: change.reason,
      counts: { total: change.totalRecords, ...change.counts },
    },
  })
  return { ...event, occurredAt: change.createdAt }
}

function typeOf(state: BulkJobState): OwnEventType {
  switch (state) {
    case 'Blocked':
      return 'bulk_job.blocked'
    case 'Completed':
      return 'bulk_job.completed'
    case 'CompletedWithErrors':
      return 'bulk_job.completed_with_errors'
    case 'Failed':
      return 'bulk_job.failed'
    case 'Aborted':
      return 'bulk_job.aborted'
    case 'Staging':
    case 'Queued':
    case 'InProgress':
    case 'Paused':
      throw new Error(`A job that is ${state} is not announced.`)
  }
}
