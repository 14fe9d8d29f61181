import type { BlockReason } from './bulk-job.ts'

/** What a person can do about each reason; shown by the API and in the workflow's details. */
export function blockRemedy(reason: BlockReason): string {
  switch (reason) {
    case 'authentication_failed':
      return 'Authorise the connection again or correct its credentials; the job goes on by itself.'
    case 'permission_missing':
      return 'Give the integration user access to the object and its fields, then resume the job.'
    case 'quota_exhausted':
      return 'Wait until the 24-hour window of API calls or batches has moved on, or raise the allocation.'
    case 'organization_changed':
      return 'Point the connection back to the organization that the job began with, then resume; or cancel the job.'
    case 'api_disabled':
      return 'Enable API access (and, for hard deletes, the permission Bulk API Hard Delete), then resume the job.'
    case 'storage_exhausted':
      return 'Free data storage in the organization, then resume the job.'
    case 'workflow_ended':
      return 'The workflow was ended in Temporal. Resume the job to start it again from its rows, or cancel it.'
    case 'results_unreadable':
      return 'Look at the upstream job in Salesforce Setup under Bulk Data Load Jobs, then resume the job.'
    case 'result_quota_full':
      return 'Results of queries fill the quota of this workspace. Delete some, or raise CONVEYOR_QUERY_QUOTA; then resume the query.'
    case 'request_refused':
      return 'Salesforce refuses the request as it stands. Mend what it says, in the organization or in the job, then resume; or cancel the job.'
    case 'salesforce_unavailable':
      return 'Salesforce did not answer for a long time. The job tries again by itself; resume to try now.'
    case 'internal_error':
      return 'Look at the worker log for the request id of this job; resume to try again.'
    default:
      return unreachable(reason)
  }
}

function unreachable(reason: never): never {
  throw new Error(`No remedy for ${String(reason)}`)
}
