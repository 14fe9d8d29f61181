import { type BulkJob, createBulkJobQueries } from '../../db/bulk-jobs.ts'
import type { SalesforceClient } from '../../salesforce/client.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { blocked } from '../failures.ts'

/**
 * The client of the organization that the job began with, pinned at its first load. A connection that now
 * points to another org must neither receive the rest of the rows nor be asked about those sent: its
 * "not found" would be taken for the truth.
 * @throws `Blocked` with `organization_changed`.
 */
export async function clientOfJob(
  deps: ActivityDependencies,
  job: BulkJob,
  signal?: AbortSignal,
): Promise<SalesforceClient> {
  const client = await deps.connections.clientFor(job.connectionId)
  const organizationId = await client.organizationId(signal)
  const pinned = await createBulkJobQueries(deps.database).pinOrganization(
    job.jobId,
    organizationId,
  )
  if (pinned === organizationId) return client
  throw blocked(
    'organization_changed',
    `The job began with organization ${pinned}; the connection now points to ${organizationId}.`,
  )
}
