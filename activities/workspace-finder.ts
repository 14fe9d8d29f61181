import type { SystemDatabase } from '../db/system-database.ts'
import { internal } from './failures.ts'

/** What an activity's input says about whose it is. */
export type WorkspaceSubject = { readonly workspaceId: string } | { readonly jobId: string }

const MOST_KNOWN = 10_000

/**
 * Finds the workspace that an activity acts for. Inputs name jobs and not their workspaces, so that nobody who
 * may start a workflow chooses another one; a job never changes its workspace.
 */
export function createWorkspaceFinder(
  system: Pick<SystemDatabase, 'workspaceOfBulkJob'>,
): (subject: WorkspaceSubject) => Promise<string> {
  const known = new Map<string, string>()
  return async (subject) => {
    if ('workspaceId' in subject) return subject.workspaceId
    const found = known.get(subject.jobId) ?? (await system.workspaceOfBulkJob(subject.jobId))
    if (found === null) throw internal(`Job ${subject.jobId} does not exist.`)
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(subject.jobId, found)
    return found
  }
}
