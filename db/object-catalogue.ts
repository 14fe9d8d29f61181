import { type CommonQueryMethods, sql } from 'slonik'
import type { ObjectSummary } from '../contracts/metadata.ts'
import { row } from './row-type.ts'

/** A row of `object_catalogue`: an object that the org lists. */
export type CataloguedObject = ObjectSummary & {
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
}

interface CatalogueRow {
  name: string
  label: string
  label_plural: string
  key_prefix: string | null
  custom: boolean
  createable: boolean
  updateable: boolean
  deletable: boolean
  queryable: boolean
  retrieveable: boolean
  first_seen_at: Date
  last_seen_at: Date
}

const toObject = (r: CatalogueRow): CataloguedObject => ({
  name: r.name,
  label: r.label,
  labelPlural: r.label_plural,
  keyPrefix: r.key_prefix,
  custom: r.custom,
  createable: r.createable,
  updateable: r.updateable,
  deletable: r.deletable,
  queryable: r.queryable,
  retrieveable: r.retrieveable,
  firstSeenAt: r.first_seen_at,
  lastSeenAt: r.last_seen_at,
})

const columns = sql.fragment`
  name, label, label_plural, key_prefix, custom, createable, updateable, deletable, queryable, retrieveable,
  first_seen_at, last_seen_at`

export interface ObjectFilter {
  /** Part of the name or of a label, without regard to case. */
  readonly text?: string | undefined
  readonly custom?: boolean | undefined
  /** Only names that end in this. */
  readonly suffix?: string
}

/** What is different between the list as it stood and the list as it came. */
export interface CatalogueNews {
  readonly added: readonly ObjectSummary[]
  readonly removed: readonly ObjectSummary[]
}

export type ObjectCatalogueQueries = ReturnType<typeof createObjectCatalogueQueries>

export function createObjectCatalogueQueries(connection: CommonQueryMethods) {
  return {
    /** In order of name, after the given one. */
    async list(
      connectionId: string,
      filter: ObjectFilter,
      limit: number,
      afterName: string | null,
    ): Promise<CataloguedObject[]> {
      const { text, custom, suffix = '' } = filter
      const found = await connection.any(sql.type(row<CatalogueRow>())`
        select ${columns} from object_catalogue
        where connection_id = ${connectionId} and removed_at is null
          and (${afterName}::text is null or name > ${afterName})
          and (${custom ?? null}::boolean is null or custom = ${custom ?? null})
          and right(name, length(${suffix})) = ${suffix}
          and (${text ?? null}::text is null
            -- The order of bytes knows capitals of ASCII alone.
            or strpos(lower(concat_ws(' ', name, label, label_plural) collate "default"),
              lower(${text ?? null}::text)) > 0)
        order by name limit ${limit}`)
      return found.map(toObject)
    },

    async names(connectionId: string): Promise<readonly string[]> {
      return connection.anyFirst(sql.type(row<{ name: string }>())`
        select name from object_catalogue where connection_id = ${connectionId} and removed_at is null`)
    },

    /** Objects whose describe is kept or worth keeping, in order of name: custom ones, and those that somebody asked for. */
    async listToDescribe(
      connectionId: string,
      afterName: string | null,
      limit: number,
    ): Promise<readonly string[]> {
      return connection.anyFirst(sql.type(row<{ name: string }>())`
        select name from object_catalogue o
        where connection_id = ${connectionId} and removed_at is null
          and (${afterName}::text is null or name > ${afterName}) and ${isDescribed}
        order by name limit ${limit}`)
    },

    async countToDescribe(connectionId: string): Promise<number> {
      return connection.oneFirst(sql.type(row<{ n: number }>())`
        select count(*) as n from object_catalogue o
        where connection_id = ${connectionId} and removed_at is null and ${isDescribed}`)
    },

    /** Makes the list the given one. Its caller holds the connection's row of `metadata_refreshes`. */
    async replace(
      {
        connectionId,
        workspaceId,
      }: { readonly connectionId: string; readonly workspaceId: string },
      objects: readonly ObjectSummary[],
    ): Promise<CatalogueNews> {
      const given = sql.jsonb(objects.map((object) => ({ ...object })))
      const removed = await connection.any(sql.type(row<CatalogueRow>())`
        update object_catalogue set removed_at = now()
        where connection_id = ${connectionId} and removed_at is null
          and not (name = any(${sql.array(
            objects.map(({ name }) => name),
            'text',
          )}))
        returning ${columns}`)
      const added = await connection.anyFirst(sql.type(row<{ name: string }>())`
        select g.name from jsonb_to_recordset(${given}) as g (name text)
        where not exists (
          select from object_catalogue o
          where o.connection_id = ${connectionId} and o.name = g.name and o.removed_at is null)`)
      await connection.query(sql.type(row<never>())`
        insert into object_catalogue (connection_id, workspace_id, name, label, label_plural, key_prefix, custom,
          createable, updateable, deletable, queryable, retrieveable)
        select ${connectionId}, ${workspaceId}, name, label, "labelPlural", "keyPrefix", custom,
          createable, updateable, deletable, queryable, retrieveable
        from jsonb_to_recordset(${given}) as g (name text, label text, "labelPlural" text, "keyPrefix" text,
          custom boolean, createable boolean, updateable boolean, deletable boolean, queryable boolean,
          retrieveable boolean)
        on conflict (connection_id, name) do update
        set label = excluded.label, label_plural = excluded.label_plural, key_prefix = excluded.key_prefix,
          custom = excluded.custom, createable = excluded.createable, updateable = excluded.updateable,
          deletable = excluded.deletable, queryable = excluded.queryable, retrieveable = excluded.retrieveable,
          last_seen_at = now(), removed_at = null,
          first_seen_at = case when object_catalogue.removed_at is null then object_catalogue.first_seen_at
            else now() end`)
      const isAdded = new Set(added)
      return {
        added: objects.filter(({ name }) => isAdded.has(name)),
        removed: removed.map(toObject),
      }
    },
  }
}

/** Of a row `o`. */
const isDescribed = sql.fragment`(o.custom or exists (
  select from describe_cache d
  where d.connection_id = o.connection_id and d.object_type = o.name and d.describe is not null))`
