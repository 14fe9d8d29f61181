import type { ActivityFoundation } from './dependencies.ts'

/** Few enough for one payload, many enough that installations of a usual size ask once. */
const AT_ONCE = 200

/** For workflows that go through all workspaces, one after the other. */
export function createWorkspaceListActivities(deps: Pick<ActivityFoundation, 'database'>) {
  return {
    /** Ids in order, after the given one; none at the end. */
    async listWorkspaces(input: { readonly afterWorkspaceId: string }): Promise<readonly string[]> {
      return deps.database.system.listWorkspaceIdsAfter(input.afterWorkspaceId, AT_ONCE)
    },
  }
}
