import { type CommonQueryMethods, sql } from 'slonik'
import type { MetadataChangeKind, MetadataDifference } from '../contracts/metadata.ts'
import { type ExactPlace, exactTime } from './exact-time.ts'
import { row } from './row-type.ts'

/** A row of `metadata_changes`. */
export type MetadataChange = MetadataDifference & {
  readonly changeId: string
  readonly connectionId: string
  readonly createdAt: Date
  /** Where it stands in lists, to the microsecond. */
  readonly place: string
}

interface ChangeRow {
  change_id: string
  connection_id: string
  object_name: string
  field_name: string | null
  kind: MetadataChangeKind
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  created_at: Date
  place: string
}

const toChange = (r: ChangeRow): MetadataChange => ({
  changeId: r.change_id,
  connectionId: r.connection_id,
  objectType: r.object_name,
  field: r.field_name,
  kind: r.kind,
  before: r.before,
  after: r.after,
  createdAt: r.created_at,
  place: r.place,
})

const columns = sql.fragment`
  change_id, connection_id, object_name, field_name, kind, before, after, created_at,
  exact_time(created_at) as place`

export interface ChangeFilter {
  readonly connectionId?: string | undefined
  readonly objectType?: string | undefined
  readonly kind?: MetadataChangeKind | undefined
}

export type MetadataChangeQueries = ReturnType<typeof createMetadataChangeQueries>

export function createMetadataChangeQueries(connection: CommonQueryMethods) {
  return {
    async insertAll(
      {
        connectionId,
        workspaceId,
      }: { readonly connectionId: string; readonly workspaceId: string },
      changes: readonly (MetadataDifference & { readonly changeId: string })[],
    ): Promise<void> {
      // What was there and is there are texts, numbers and lists of texts, all of a describe.
      const given = sql.jsonb(changes.map((change) => ({ ...change })) as never)
      await connection.query(sql.type(row<never>())`
        insert into metadata_changes (change_id, workspace_id, connection_id, object_name, field_name, kind,
          before, after)
        select "changeId", ${workspaceId}, ${connectionId}, "objectType", field, kind, before, after
        from jsonb_to_recordset(${given}) as g ("changeId" text, "objectType" text, field text, kind text,
          before jsonb, after jsonb)`)
    },

    /** Newest first, after the given one. */
    async list(
      filter: ChangeFilter,
      limit: number,
      after: ExactPlace | null,
    ): Promise<MetadataChange[]> {
      const { connectionId = null, objectType = null, kind = null } = filter
      const position =
        after === null
          ? sql.fragment``
          : sql.fragment`and (created_at, change_id) < (${exactTime(after.at)}, ${after.id})`
      const found = await connection.any(sql.type(row<ChangeRow>())`
        select ${columns} from metadata_changes
        where (${connectionId}::text is null or connection_id = ${connectionId})
          and (${objectType}::text is null or lower(object_name) = lower(${objectType}))
          and (${kind}::text is null or kind = ${kind}) ${position}
        order by created_at desc, change_id desc limit ${limit}`)
      return found.map(toChange)
    },

    /** What went away or became another thing of an object in a span of time, oldest first. */
    async listLosses(
      connectionId: string,
      objectType: string,
      since: Date,
      until: Date,
      limit: number,
    ): Promise<MetadataChange[]> {
      const found = await connection.any(sql.type(row<ChangeRow>())`
        select ${columns} from metadata_changes
        where connection_id = ${connectionId} and lower(object_name) = lower(${objectType})
          and kind in ('object_removed', 'field_removed', 'field_type_changed')
          and created_at >= ${since.toISOString()} and created_at <= ${until.toISOString()}
        order by created_at, change_id limit ${limit}`)
      return found.map(toChange)
    },

    /** @returns how many */
    async deleteOld(days: number, limit: number): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from metadata_changes where change_id in (
          select change_id from metadata_changes
          where created_at < now() - ${days} * interval '1 day' limit ${limit})`)
      return rowCount
    },
  }
}
