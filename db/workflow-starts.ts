import { type CommonQueryMethods, sql } from 'slonik'
import type { BulkJobState } from '../contracts/bulk-job.ts'
import { row } from './row-type.ts'

export type WorkflowKind = 'bulk-job' | 'replay' | 'bulk-query'

/** A wish to start a workflow. */
export interface WorkflowStart {
  readonly workflowId: string
  readonly workspaceId: string
  readonly kind: WorkflowKind
  /** The id of the bulk job, of the replay, of the query. */
  readonly subjectId: string
  readonly attempts: number
}

interface WorkflowStartRow {
  workflow_id: string
  workspace_id: string
  kind: WorkflowKind
  subject_id: string
  attempts: number
}

export type WorkflowStartQueries = ReturnType<typeof createWorkflowStartQueries>

export function createWorkflowStartQueries(connection: CommonQueryMethods) {
  const toWorkflowStart = (r: WorkflowStartRow): WorkflowStart => ({
    workflowId: r.workflow_id,
    workspaceId: r.workspace_id,
    kind: r.kind,
    subjectId: r.subject_id,
    attempts: r.attempts,
  })

  return {
    /** Written in the transaction that accepted the work. The sweeper leaves it alone for `graceSeconds`. */
    async insert(
      start: { workflowId: string; workspaceId: string; subjectId: string },
      graceSeconds: number,
      kind: WorkflowKind = 'bulk-job',
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into workflow_starts (workflow_id, workspace_id, kind, subject_id, look_at)
        values (${start.workflowId}, ${start.workspaceId}, ${kind}, ${start.subjectId},
          now() + ${graceSeconds} * interval '1 second')
        on conflict (workflow_id) do nothing`)
    },

    /** Asks again for a workflow that ended before its work: the sweeper starts it where nobody else does. */
    async renew(
      start: { workflowId: string; workspaceId: string; subjectId: string },
      graceSeconds: number,
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into workflow_starts (workflow_id, workspace_id, kind, subject_id, look_at)
        values (${start.workflowId}, ${start.workspaceId}, 'bulk-job', ${start.subjectId},
          now() + ${graceSeconds} * interval '1 second')
        on conflict (workflow_id) do update set started_at = null, look_at = excluded.look_at`)
    },

    async markStarted(workflowId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update workflow_starts
        set started_at = coalesce(started_at, now()), last_error = null
        where workflow_id = ${workflowId}`)
    },

    async markAttempted(workflowId: string, error: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update workflow_starts set attempts = attempts + 1, last_error = ${error}
        where workflow_id = ${workflowId}`)
    },

    /**
     * Claims starts that Temporal has not acknowledged and that are due, for `seconds`:
     * several sweepers may run, each start is tried by one at a time.
     */
    async claimPending(limit: number, seconds: number): Promise<WorkflowStart[]> {
      const found = await connection.any(sql.type(row<WorkflowStartRow>())`
        update workflow_starts set look_at = now() + ${seconds} * interval '1 second'
        where workflow_id in (
          select workflow_id from workflow_starts
          where started_at is null and look_at <= now()
          order by look_at limit ${limit} for update skip locked)
        returning workflow_id, workspace_id, kind, subject_id, attempts`)
      return found.map(toWorkflowStart)
    },

    /** Claims acknowledged starts of jobs that are not terminal: is their workflow still there? */
    async claimUnfinished(
      limit: number,
      seconds: number,
    ): Promise<(WorkflowStart & { readonly jobState: BulkJobState })[]> {
      const found = await connection.any(
        sql.type(row<WorkflowStartRow & { state: BulkJobState }>())`
        update workflow_starts w set look_at = now() + ${seconds} * interval '1 second'
        from salesforce_bulk_jobs j
        where j.job_id = w.subject_id and w.workflow_id in (
          select s.workflow_id from workflow_starts s join salesforce_bulk_jobs b on b.job_id = s.subject_id
          where s.started_at is not null and s.look_at <= now()
            and b.state in ('Queued', 'InProgress', 'Paused', 'Blocked')
          order by s.look_at limit ${limit} for update of s skip locked)
        returning w.workflow_id, w.workspace_id, w.kind, w.subject_id, w.attempts, j.state`,
      )
      return found.map((r) => ({ ...toWorkflowStart(r), jobState: r.state }))
    },

    /** As `claimUnfinished`, for replays. */
    async claimUnfinishedReplays(limit: number, seconds: number): Promise<WorkflowStart[]> {
      const found = await connection.any(sql.type(row<WorkflowStartRow>())`
        update workflow_starts set look_at = now() + ${seconds} * interval '1 second'
        where workflow_id in (
          select s.workflow_id from webhook_replays r join workflow_starts s on s.subject_id = r.replay_id
          where r.state = 'running' and s.started_at is not null and s.look_at <= now()
          order by s.look_at limit ${limit} for update of s skip locked)
        returning workflow_id, workspace_id, kind, subject_id, attempts`)
      return found.map(toWorkflowStart)
    },

    /** As `claimUnfinished`, for durable queries. */
    async claimUnfinishedQueries(limit: number, seconds: number): Promise<WorkflowStart[]> {
      const found = await connection.any(sql.type(row<WorkflowStartRow>())`
        update workflow_starts set look_at = now() + ${seconds} * interval '1 second'
        where workflow_id in (
          select s.workflow_id from bulk_queries q join workflow_starts s on s.subject_id = q.query_id
          where q.completed_at is null and s.started_at is not null and s.look_at <= now()
          order by s.look_at limit ${limit} for update of s skip locked)
        returning workflow_id, workspace_id, kind, subject_id, attempts`)
      return found.map(toWorkflowStart)
    },

    /** Removes starts of durable queries that ended so many days ago. */
    async deleteOfEndedQueries(days: number, limit: number): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from workflow_starts where workflow_id in (
          select w.workflow_id from workflow_starts w join bulk_queries q on q.query_id = w.subject_id
          where q.completed_at < now() - ${days} * interval '1 day' limit ${limit})`)
      return rowCount
    },

    /** Removes starts of replays whose rows are gone. */
    async deleteOfGoneReplays(limit: number): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from workflow_starts where workflow_id in (
          select w.workflow_id from workflow_starts w
          where w.kind = 'replay'
            and not exists (select from webhook_replays r where r.replay_id = w.subject_id)
          limit ${limit})`)
      return rowCount
    },

    /** Removes starts of jobs that ended so many days ago. */
    async deleteEnded(days: number, limit: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from workflow_starts where workflow_id in (
          select w.workflow_id from workflow_starts w
          join salesforce_bulk_jobs j on j.job_id = w.subject_id
          where j.completed_at < now() - ${days} * interval '1 day' limit ${limit})`)
    },
  }
}
