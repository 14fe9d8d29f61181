import { type CommonQueryMethods, sql } from 'slonik'
import type { LaneHolder } from './bulk-load-leases.ts'
import { row } from './row-type.ts'

/** Where a load stands among those that wait for a lane of its connection. */
export interface LaneStanding {
  readonly holdsLane: boolean
  readonly freeLanes: number
  /** Lanes that go to other jobs first. */
  readonly ahead: number
  /** Loads of its own job that wait, with lower numbers. */
  readonly siblingsAhead: number
}

export type BulkLaneWishQueries = ReturnType<typeof createBulkLaneWishQueries>

/** Loads that wait for a lane. What is decided by a standing is done while the connection's lanes are locked. */
export function createBulkLaneWishQueries(connection: CommonQueryMethods) {
  return {
    /**
     * Another job goes first with as many of its waiting loads as leave it with fewer lanes than this job would
     * have with one more; and at as many, if it waits longer.
     */
    async standing(holder: LaneHolder, slots: number): Promise<LaneStanding> {
      return connection.one(sql.type(row<LaneStanding>())`
        with lanes as (
          select job_id, load_number, expires_at >= now() as taken from bulk_load_leases
          where connection_id = ${holder.connectionId} and slot <= ${slots}
        ), held as (
          select job_id, count(*)::int4 as lanes from lanes where taken group by job_id
        ), wishes as (
          select job_id, load_number, since from bulk_lane_wishes
          where connection_id = ${holder.connectionId} and expires_at >= now()
        ), waiting as (
          select job_id, count(*)::int4 as loads, min(since) as since from wishes group by job_id
        ), own as (
          select coalesce((select lanes from held where job_id = ${holder.jobId}), 0) as lanes,
            coalesce((select since from waiting where job_id = ${holder.jobId}), now()) as since
        )
        select
          exists (select from lanes where taken and job_id = ${holder.jobId}
            and load_number = ${holder.loadNumber}) as "holdsLane",
          (select count(*)::int4 from lanes where not taken) as "freeLanes",
          (select coalesce(sum(least(other.loads, greatest(0,
              own.lanes + (other.since < own.since)::int4 - coalesce(held.lanes, 0)))), 0)::int4
            from own cross join waiting as other left join held using (job_id)
            where other.job_id <> ${holder.jobId}) as "ahead",
          (select count(*)::int4 from wishes where job_id = ${holder.jobId}
            and load_number < ${holder.loadNumber}) as "siblingsAhead"`)
    },

    /** The load waits, and looks again before the wish runs out. Wishes that have run out are removed. */
    async wish(holder: LaneHolder, workspaceId: string, seconds: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from bulk_lane_wishes
        where connection_id = ${holder.connectionId} and expires_at < now()`)
      await connection.query(sql.type(row<never>())`
        insert into bulk_lane_wishes
          (job_id, load_number, workspace_id, connection_id, since, expires_at)
        values (${holder.jobId}, ${holder.loadNumber}, ${workspaceId}, ${holder.connectionId}, now(),
          now() + ${seconds} * interval '1 second')
        on conflict (job_id, load_number) do update set expires_at = excluded.expires_at`)
    },

    /** The load got a lane; the others of its job wait from now on, so that jobs take turns. */
    async fulfil(holder: LaneHolder): Promise<void> {
      await this.withdraw(holder)
      await connection.query(sql.type(row<never>())`
        update bulk_lane_wishes set since = now() where job_id = ${holder.jobId}`)
    },

    async withdraw({ jobId, loadNumber }: LaneHolder): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from bulk_lane_wishes where job_id = ${jobId} and load_number = ${loadNumber}`)
    },
  }
}
