import { type CommonQueryMethods, sql } from 'slonik'
import type { MirrorObject } from '../contracts/mirror.ts'
import { MIRROR_TABLES, type MirrorTable } from './mirror-tables.ts'
import { row } from './row-type.ts'

/** One record, by column; `id` is among them. Values as JSON holds them: Postgres reads them by the column's type. */
export type MirrorRow = Readonly<Record<string, string | number | boolean | null>>

export interface MirrorOwner {
  readonly connectionId: string
  readonly workspaceId: string
}

/** The stretch of ids after `after`, up to and with `last`; null for no bound. */
export interface IdStretch {
  readonly after: string | null
  readonly last: string | null
}

/** Rows of mirrored objects. All statements take whole pages; each can be repeated. */
export function createMirrorRowQueries(connection: CommonQueryMethods) {
  return {
    /**
     * Puts in what the org shows, and brings back what was marked as deleted. A row that is newer here by more than the
     * clocks of an org's servers differ stays, and one that is the same is not written; `graceSeconds` null believes
     * what was read. Ids must differ. Gives how many were changed.
     */
    async upsert(
      object: MirrorObject,
      owner: MirrorOwner,
      rows: readonly MirrorRow[],
      graceSeconds: number | null,
    ): Promise<number> {
      if (rows.length === 0) return 0
      const { table, columns } = MIRROR_TABLES[object]
      const names = columns.map((each) => sql.identifier([each.column]))
      const list = sql.join(names, sql.fragment`, `)
      const excluded = sql.join(
        columns.map((each) => sql.identifier(['excluded', each.column])),
        sql.fragment`, `,
      )
      const current = sql.join(
        columns.map((each) => sql.identifier(['m', each.column])),
        sql.fragment`, `,
      )
      const { rowCount } = await connection.query(sql.type(row<never>())`
        insert into ${sql.identifier([table])} as m (connection_id, workspace_id, id, ${list})
        select ${owner.connectionId}, ${owner.workspaceId}, r.id, ${list}
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id text, ${recordColumns(object)})
        on conflict (connection_id, id) do update
        set (${list}, deleted_at) = row (${excluded}, null)
        where (${graceSeconds}::int is null
            or excluded.system_modstamp >= m.system_modstamp - ${graceSeconds}::int * interval '1 second')
          and (${current}, m.deleted_at) is distinct from (${excluded}, null)`)
      return rowCount
    },

    /**
     * Marks what the org says was deleted. A row that was changed `graceSeconds` after that has come back since: the
     * clocks of an org's servers are no further apart.
     */
    async markDeleted(
      object: MirrorObject,
      connectionId: string,
      deleted: readonly { readonly id: string; readonly deletedAt: Date }[],
      graceSeconds: number,
    ): Promise<number> {
      if (deleted.length === 0) return 0
      const list = deleted.map(({ id, deletedAt }) => ({ id, at: deletedAt.toISOString() }))
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update ${tableOf(object)} m set deleted_at = r.at
        from jsonb_to_recordset(${JSON.stringify(list)}::jsonb) as r (id text, at timestamptz)
        where m.connection_id = ${connectionId} and m.id = r.id and m.deleted_at is null
          and m.system_modstamp <= r.at + ${graceSeconds} * interval '1 second'`)
      return rowCount
    },

    /** Marks the rows of a stretch that the org did not show when all of it was read. */
    async markAbsent(
      object: MirrorObject,
      connectionId: string,
      { after, last }: IdStretch,
      shown: readonly string[],
    ): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update ${tableOf(object)} set deleted_at = now()
        where connection_id = ${connectionId} and deleted_at is null
          and (${after}::text is null or id > ${after}::text collate "C")
          and (${last}::text is null or id <= ${last}::text collate "C")
          and id not in (select unnest(${sql.array([...shown], 'text')}))`)
      return rowCount
    },

    /** Puts the few rows of an object in the place of those that are there. */
    async replace(
      object: MirrorObject,
      owner: MirrorOwner,
      rows: readonly MirrorRow[],
    ): Promise<void> {
      const { table, columns } = MIRROR_TABLES[object]
      const list = sql.join(
        columns.map((each) => sql.identifier([each.column])),
        sql.fragment`, `,
      )
      await connection.query(sql.type(row<never>())`
        delete from ${tableOf(object)} where connection_id = ${owner.connectionId}`)
      await connection.query(sql.type(row<never>())`
        insert into ${sql.identifier([table])} (connection_id, workspace_id, id, ${list})
        select ${owner.connectionId}, ${owner.workspaceId}, r.id, ${list}
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id text, ${recordColumns(object)})`)
    },

    /** Rows that the org shows. */
    async count(object: MirrorObject, connectionId: string): Promise<number> {
      const live =
        MIRROR_TABLES[object].pull === 'pages'
          ? sql.fragment`and deleted_at is null`
          : sql.fragment``
      return connection.oneFirst(sql.type(row<{ rows: number }>())`
        select count(*) as rows from ${tableOf(object)} where connection_id = ${connectionId} ${live}`)
    },

    /** Removes rows that were deleted so many days ago; up to `limit`. */
    async forgetDeleted(
      object: MirrorObject,
      connectionId: string,
      days: number,
      limit: number,
    ): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from ${tableOf(object)} where connection_id = ${connectionId} and id in (
          select id from ${tableOf(object)}
          where connection_id = ${connectionId} and deleted_at < now() - ${days} * interval '1 day'
          limit ${limit})`)
      return rowCount
    },

    /** Removes up to `limit` rows of a connection that is gone. */
    async erase(object: MirrorObject, connectionId: string, limit: number): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from ${tableOf(object)} where connection_id = ${connectionId} and id in (
          select id from ${tableOf(object)} where connection_id = ${connectionId} limit ${limit})`)
      return rowCount
    },
  }
}

function tableOf(object: MirrorObject) {
  const { table }: MirrorTable = MIRROR_TABLES[object]
  return sql.identifier([table])
}

/** `name text, amount numeric, …` */
function recordColumns(object: MirrorObject) {
  return sql.join(
    MIRROR_TABLES[object].columns.map(
      ({ column, type }) => sql.fragment`${sql.identifier([column])} ${sql.identifier([type])}`,
    ),
    sql.fragment`, `,
  )
}
