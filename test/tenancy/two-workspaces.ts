import { sql } from 'slonik'
import type { DatabasePool } from '../../db/pool.ts'
import { row } from '../../db/row-type.ts'

/** A second tenant with a connection of its own, made by the owner of the tables. */
export async function addWorkspace(pool: DatabasePool, workspaceId: string): Promise<void> {
  await pool.query(sql.type(row<never>())`
    insert into workspaces (workspace_id, name) values (${workspaceId}, ${workspaceId})`)
  await pool.query(sql.type(row<never>())`
    insert into connections (connection_id, workspace_id, name, is_default)
    values (${`connection-of-${workspaceId}`}, ${workspaceId}, 'Only', true)`)
}

/** Tables of the schema that hold something of a workspace. Partitions are reached through their table alone. */
export async function tenantTables(pool: DatabasePool): Promise<readonly string[]> {
  return pool.anyFirst(sql.type(row<{ name: string }>())`
    select c.relname as name from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id')
    order by 1`)
}
