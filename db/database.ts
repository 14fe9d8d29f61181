import { type DatabasePool, sql } from 'slonik'
import { createPool } from './pool.ts'
import { row } from './row-type.ts'
import { createSystemDatabase, type SystemDatabase } from './system-database.ts'
import { createWorkspaceDatabase, type WorkspaceDatabase } from './workspace-database.ts'

/** The roles that the migrations make; neither owns a table, and neither passes row-level security by. */
const WORKSPACE_ROLE = 'conveyor_app'
const SYSTEM_ROLE = 'conveyor_system'
/** Its calls are few and short. */
const SYSTEM_POOL_SIZE = 3

/** The migrated database as a service uses it. */
export interface Database {
  workspace(workspaceId: string): WorkspaceDatabase
  readonly system: SystemDatabase
  /** Connections of this process, of workspaces and the system together. */
  poolUse(): PoolUse
  end(): Promise<void>
}

export interface PoolUse {
  readonly inUse: number
  readonly idle: number
  /** Callers that wait for a connection. */
  readonly waiting: number
}

export interface DatabaseOptions {
  readonly url: string
  /** Connections at most, besides a few for the system. */
  readonly poolSize: number
  /** Called for errors of idle connections, which would otherwise end the process. */
  readonly onError: (error: Error) => void
}

export async function openDatabase({ url, poolSize, onError }: DatabaseOptions): Promise<Database> {
  const open = (role: string, size: number) =>
    createPool({ databaseUrl: asRole(url, role), size, onError })
  const workspaces = await open(WORKSPACE_ROLE, poolSize)
  const system = await open(SYSTEM_ROLE, SYSTEM_POOL_SIZE)
  try {
    await requireRole(workspaces, WORKSPACE_ROLE)
    await requireRole(system, SYSTEM_ROLE)
  } catch (error) {
    await Promise.all([workspaces.end(), system.end()])
    throw error
  }
  return {
    workspace: (workspaceId) => createWorkspaceDatabase(workspaces, workspaceId),
    system: createSystemDatabase(system),
    poolUse() {
      const states = [workspaces.state(), system.state()]
      const sum = (read: (state: (typeof states)[number]) => number) =>
        states.reduce((total, state) => total + read(state), 0)
      return {
        inUse: sum(({ acquiredConnections }) => acquiredConnections),
        idle: sum(({ idleConnections }) => idleConnections),
        waiting: sum(({ waitingClients }) => waitingClients),
      }
    },
    async end() {
      await Promise.all([workspaces.end(), system.end()])
    },
  }
}

/**
 * A pooler between us and Postgres can be told to drop the option that names the role. The login often owns the
 * tables, which no policy holds: better no service than one that shows each workspace all of them.
 */
async function requireRole(pool: DatabasePool, role: string): Promise<void> {
  const current = await pool.oneFirst(sql.type(row<{ current: string }>())`
    select current_user as current`)
  if (current === role) return
  throw new Error(
    `Connections act as ${current}, not as ${role}, so workspaces would not be kept apart. Connect without a pooler, or with one that passes startup options on.`,
  )
}

/** Every connection begins in the role, before its first statement. */
function asRole(databaseUrl: string, role: string): string {
  const url = new URL(databaseUrl)
  const given = url.searchParams.get('options')
  url.searchParams.set('options', `${given === null ? '' : `${given} `}-c role=${role}`)
  return url.toString()
}
