import { type CommonQueryMethods, sql } from 'slonik'
import type { BlockReason } from '../contracts/bulk-job.ts'
import type { MirrorRunState } from '../contracts/mirror.ts'
import type { MirrorOwner } from './mirror-rows.ts'
import { row } from './row-type.ts'

/** A row of `mirror_runs`: the pull of one connection. */
export interface MirrorRun {
  readonly connectionId: string
  readonly workspaceId: string
  readonly scheduledAt: Date | null
  readonly wantedAt: Date | null
  readonly run: number
  /** Whose rows these are; null before the first. */
  readonly organizationId: string | null
  readonly state: MirrorRunState
  /** Whether somebody holds the lease. */
  readonly isHeld: boolean
  readonly blockedReason: BlockReason | null
  readonly detail: string | null
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  readonly timeZone: string | null
  readonly timeZoneAt: Date | null
  readonly snapshotDate: string | null
  readonly snapshotAt: Date | null
}

/** The right to write of one step; a later one takes it away. */
export interface MirrorTurn {
  readonly epoch: number
  readonly run: number
}

const columns = sql.fragment`
  connection_id as "connectionId", workspace_id as "workspaceId", scheduled_at as "scheduledAt",
  wanted_at as "wantedAt", run, organization_id as "organizationId", state, lease_until > now() as "isHeld", blocked_reason as "blockedReason", detail,
  started_at as "startedAt", finished_at as "finishedAt", time_zone as "timeZone", time_zone_at as "timeZoneAt",
  snapshot_date::text as "snapshotDate", snapshot_at as "snapshotAt"`

export function createMirrorRunQueries(connection: CommonQueryMethods) {
  return {
    async get(connectionId: string): Promise<MirrorRun | null> {
      return connection.maybeOne(sql.type(row<MirrorRun>())`
        select ${columns} from mirror_runs where connection_id = ${connectionId}`)
    },

    /** Takes the lease for a new run, or again for the one that has it; false where another one pulls. */
    async begin(owner: MirrorOwner, holder: string, leaseSeconds: number): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        insert into mirror_runs as r (connection_id, workspace_id, holder, lease_until, epoch, run, state, started_at)
        values (${owner.connectionId}, ${owner.workspaceId}, ${holder},
          now() + ${leaseSeconds} * interval '1 second', 1, 1, 'running', now())
        on conflict (connection_id) do update
        set holder = excluded.holder, lease_until = excluded.lease_until, epoch = r.epoch + 1,
          run = r.run + (r.holder is distinct from excluded.holder)::int, state = 'running', blocked_reason = null,
          detail = null,
          started_at = case when r.holder is distinct from excluded.holder then now() else r.started_at end
        where r.holder is not distinct from excluded.holder or r.lease_until < now()`)
      return rowCount > 0
    },

    /** What a step writes under; null where the run lost its lease to another one. */
    async takeTurn(
      connectionId: string,
      holder: string,
      leaseSeconds: number,
    ): Promise<MirrorTurn | null> {
      return connection.maybeOne(sql.type(row<MirrorTurn>())`
        update mirror_runs
        set epoch = epoch + 1, lease_until = now() + ${leaseSeconds} * interval '1 second'
        where connection_id = ${connectionId} and holder = ${holder}
        returning epoch, run`)
    },

    /** Holds the turn until the transaction ends, and renews the lease; false where another step has it. */
    async keepTurn(
      connectionId: string,
      { epoch }: MirrorTurn,
      leaseSeconds: number,
    ): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update mirror_runs set lease_until = now() + ${leaseSeconds} * interval '1 second'
        where connection_id = ${connectionId} and epoch = ${epoch}`)
      return rowCount > 0
    },

    /** Ends the run and gives the lease back. */
    async end(
      connectionId: string,
      holder: string,
      end: {
        readonly state: Exclude<MirrorRunState, 'running'>
        readonly reason: BlockReason | null
        readonly detail: string | null
      },
    ): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update mirror_runs
        set state = ${end.state}, blocked_reason = ${end.reason}, detail = ${end.detail}, finished_at = now(),
          holder = null, lease_until = '-infinity', epoch = epoch + 1
        where connection_id = ${connectionId} and holder = ${holder}`)
      return rowCount > 0
    },

    /** A person wants a run that begins from now on. */
    async want(owner: MirrorOwner): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into mirror_runs (connection_id, workspace_id, wanted_at)
        values (${owner.connectionId}, ${owner.workspaceId}, now())
        on conflict (connection_id) do update set wanted_at = now(), asked_at = null`)
    },

    async setTimeZone(connectionId: string, timeZone: string | null): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update mirror_runs set time_zone = ${timeZone}, time_zone_at = now() where connection_id = ${connectionId}`)
    },

    async setOrganization(connectionId: string, organizationId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update mirror_runs set organization_id = ${organizationId}, time_zone_at = null, snapshot_date = null,
          snapshot_at = null
        where connection_id = ${connectionId}`)
    },

    async remove(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from mirror_runs where connection_id = ${connectionId}`)
    },
  }
}
