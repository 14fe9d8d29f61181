import { type CommonQueryMethods, sql } from 'slonik'
import type { MirrorObject, MirrorPhase } from '../contracts/mirror.ts'
import type { MirrorOwner } from './mirror-rows.ts'
import { row } from './row-type.ts'

/** A row of `mirror_watermarks`: where the pull of one object has come to. */
export interface MirrorWatermark {
  readonly connectionId: string
  readonly object: MirrorObject
  readonly run: number
  readonly phase: MirrorPhase
  readonly fields: readonly string[]
  readonly missingFields: readonly string[]
  readonly scanFrom: Date | null
  readonly modstamp: Date | null
  readonly lastId: string | null
  readonly pagesOrgTime: Date | null
  readonly pagesStartedAt: Date | null
  readonly deletedUntil: Date | null
  readonly walkAfter: string | null
  readonly walkStartedAt: Date | null
  readonly bulkJobId: string | null
  readonly bulkLocator: string | null
  readonly expectedRows: number | null
  readonly loadedRows: number
  readonly firstLoadFinishedAt: Date | null
  readonly reconciledAt: Date | null
  readonly reconcileWantedAt: Date | null
  readonly asOf: Date | null
  readonly rows: number | null
  readonly calls: number
  readonly changed: number
  readonly errorCode: string | null
  readonly error: string | null
  readonly errorAt: Date | null
}

/** What of it a step changes. */
export type MirrorStep = Partial<Omit<MirrorWatermark, 'connectionId' | 'object'>>

const columns = sql.fragment`
  connection_id as "connectionId", object, run, phase, fields, missing_fields as "missingFields",
  scan_from as "scanFrom", modstamp, last_id as "lastId", pages_org_time as "pagesOrgTime",
  pages_started_at as "pagesStartedAt", deleted_until as "deletedUntil", walk_after as "walkAfter",
  walk_started_at as "walkStartedAt", bulk_job_id as "bulkJobId", bulk_locator as "bulkLocator",
  expected_rows as "expectedRows", loaded_rows as "loadedRows",
  first_load_finished_at as "firstLoadFinishedAt", reconciled_at as "reconciledAt",
  reconcile_wanted_at as "reconcileWantedAt", as_of as "asOf", rows, calls, changed, error_code as "errorCode", error,
  error_at as "errorAt"`

export function createMirrorWatermarkQueries(connection: CommonQueryMethods) {
  return {
    async list(connectionId: string): Promise<readonly MirrorWatermark[]> {
      return connection.any(sql.type(row<MirrorWatermark>())`
        select ${columns} from mirror_watermarks where connection_id = ${connectionId}`)
    },

    async ensure(owner: MirrorOwner, objects: readonly MirrorObject[]): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into mirror_watermarks (connection_id, workspace_id, object)
        select ${owner.connectionId}, ${owner.workspaceId}, o
        from unnest(${sql.array([...objects], 'text')}) o
        on conflict do nothing`)
    },

    async put(connectionId: string, object: MirrorObject, step: MirrorStep): Promise<void> {
      const sets = Object.entries(step).map(
        ([name, value]) => sql.fragment`${sql.identifier([columnOf(name)])} = ${toSql(value)}`,
      )
      if (sets.length === 0) return
      await connection.query(sql.type(row<never>())`
        update mirror_watermarks set ${sql.join(sets, sql.fragment`, `)}
        where connection_id = ${connectionId} and object = ${object}`)
    },

    /** All rows are read again by a walk that is still to begin. */
    async wantReconcile(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update mirror_watermarks set reconcile_wanted_at = now() where connection_id = ${connectionId}`)
    },

    async remove(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from mirror_watermarks where connection_id = ${connectionId}`)
    },
  }
}

/** `walkAfter` → `walk_after` */
function columnOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function toSql(value: MirrorStep[keyof MirrorStep]) {
  if (value instanceof Date) return sql.timestamp(value)
  if (Array.isArray(value)) return sql.jsonb(value)
  // What is left after dates and lists; TypeScript does not take the read-only list away.
  return (value ?? null) as string | number | boolean | null
}
