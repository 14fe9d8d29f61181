import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** A tenant. */
export interface Workspace {
  readonly id: string
  readonly name: string
}

/** Run as the system: a workspace sees no other one and makes none. */
export function createWorkspaceQueries(connection: CommonQueryMethods) {
  return {
    async find(workspaceId: string): Promise<Workspace | null> {
      return connection.maybeOne(sql.type(row<Workspace>())`
        select workspace_id as id, name from workspaces where workspace_id = ${workspaceId}`)
    },

    /** False where there is one of this id. */
    async add(workspaceId: string, name: string): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        insert into workspaces (workspace_id, name) values (${workspaceId}, ${name})
        on conflict (workspace_id) do nothing`)
      return result.rowCount === 1
    },

    /** Up to `limit` ids in order, after the given one. */
    async listIdsAfter(workspaceId: string, limit: number): Promise<readonly string[]> {
      return connection.anyFirst(sql.type(row<{ workspace_id: string }>())`
        select workspace_id from workspaces where workspace_id > ${workspaceId}
        order by workspace_id limit ${limit}`)
    },

    async list(): Promise<readonly Workspace[]> {
      return connection.any(sql.type(row<Workspace>())`
        select workspace_id as id, name from workspaces order by workspace_id`)
    },
  }
}
