import type { MiddlewareHandler } from 'hono'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'

/** Gives each request the database of its workspace, which shows nothing of any other. */
export function workspace(deps: ApiDependencies): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    c.set('workspaceId', DEFAULT_WORKSPACE_ID)
    c.set('database', deps.database.workspace(DEFAULT_WORKSPACE_ID))
    await next()
  }
}
