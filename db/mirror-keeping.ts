import { type CommonQueryMethods, sql } from 'slonik'
import type { MirrorInput } from '../contracts/mirror.ts'
import { row } from './row-type.ts'

const input = sql.fragment`c.connection_id as "connectionId", c.workspace_id as "workspaceId"`
const inputRow = row<MirrorInput>()

/** Which mirrors are to have a Schedule, and which are to run, across workspaces. */
export function createMirrorKeepingQueries(connection: CommonQueryMethods) {
  return {
    /** Authorised connections without a Schedule. */
    async listUnscheduled(
      limit: number,
      withEnvironment: boolean,
    ): Promise<readonly MirrorInput[]> {
      return connection.any(sql.type(inputRow)`
        select ${input} from connections c left join mirror_runs r using (connection_id)
        where c.deleted_at is null and c.revoked_at is null and r.scheduled_at is null
          and case when c.flow = 'environment' then ${withEnvironment} else c.authorized_at is not null end
        limit ${limit}`)
    },

    /** Connections with one, by id, after the given one. */
    async listScheduled(afterConnectionId: string, limit: number): Promise<readonly MirrorInput[]> {
      return connection.any(sql.type(inputRow)`
        select ${input} from connections c join mirror_runs r using (connection_id)
        where r.scheduled_at is not null and c.connection_id > ${afterConnectionId}
        order by c.connection_id limit ${limit}`)
    },

    /** Connections with one that were revoked or removed. */
    async listToUnschedule(limit: number): Promise<readonly MirrorInput[]> {
      return connection.any(sql.type(inputRow)`
        select ${input} from connections c join mirror_runs r using (connection_id)
        where r.scheduled_at is not null and (c.deleted_at is not null or c.revoked_at is not null)
        limit ${limit}`)
    },

    /**
     * Claims what is to run now and does not, for so many seconds: somebody asked for it, its connection was authorised
     * again, or it was removed and its rows are to go.
     */
    async claimWanted(limit: number, seconds: number): Promise<readonly MirrorInput[]> {
      return connection.any(sql.type(inputRow)`
        update mirror_runs u set asked_at = now()
        where u.connection_id in (
          select r.connection_id from mirror_runs r join connections c using (connection_id)
          where r.lease_until < now()
            and (r.asked_at is null or r.asked_at < now() - ${seconds} * interval '1 second')
            and (c.deleted_at is not null
              or r.wanted_at > coalesce(r.started_at, '-infinity')
              or (r.blocked_reason = 'authentication_failed' and c.blocked_reason is null
                and c.authorized_at > r.finished_at))
          limit ${limit} for update of r skip locked)
        returning u.connection_id as "connectionId", u.workspace_id as "workspaceId"`)
    },

    async markScheduled({ connectionId, workspaceId }: MirrorInput): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into mirror_runs (connection_id, workspace_id, scheduled_at)
        values (${connectionId}, ${workspaceId}, now())
        on conflict (connection_id) do update set scheduled_at = coalesce(mirror_runs.scheduled_at, now())`)
    },

    async markUnscheduled(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update mirror_runs set scheduled_at = null where connection_id = ${connectionId}`)
    },
  }
}
