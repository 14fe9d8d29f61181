/** Workflow and schedule ids, made from business keys. They are stored in plain text: no personal data. */

export function bulkJobWorkflowId(installationId: string, jobId: string): string {
  return `bulk-job/${installationId}/${jobId}`
}

export function describeObjectWorkflowId(
  installationId: string,
  connectionId: string,
  objectType: string,
): string {
  return `describe-object/${installationId}/${connectionId}/${objectType}`
}

/** Reads the list of all objects of a connection. */
export function listObjectsWorkflowId(installationId: string, connectionId: string): string {
  return `list-objects/${installationId}/${connectionId}`
}

/** The Schedule, and the beginning of the ids of its runs. */
export function metadataScheduleId(installationId: string, connectionId: string): string {
  return `metadata/${installationId}/${connectionId}`
}

export function exchangeAuthorizationCodeWorkflowId(
  installationId: string,
  flowId: string,
): string {
  return `exchange-authorization-code/${installationId}/${flowId}`
}

export function connectionOperationWorkflowId(installationId: string, operationId: string): string {
  return `connection-operation/${installationId}/${operationId}`
}

export function retentionScheduleId(installationId: string): string {
  return `retention/${installationId}`
}

/** The Schedule that adds a rollup up again: the latest days every few minutes, some more of them at night. */
export function rollupScheduleId(
  installationId: string,
  metric: string,
  kind: 'recent' | 'nightly',
): string {
  return `rollup/${installationId}/${metric}/${kind}`
}

/** One a metric: a second range waits for the end of the first. */
export function rollupRangeWorkflowId(installationId: string, metric: string): string {
  return `rollup/${installationId}/${metric}/range`
}

/** One an installation: two at once would seal the same values. */
export function reEncryptWorkflowId(installationId: string): string {
  return `re-encrypt/${installationId}`
}

export function pumpWorkflowId(installationId: string, shard: number): string {
  return `pump/${installationId}/${shard}`
}

/** Of an endpoint in trouble. */
export function endpointWorkflowId(installationId: string, subscriptionId: string): string {
  return `endpoint/${installationId}/${subscriptionId}`
}

/** Of a query that a caller waits for. */
export function runQueryWorkflowId(installationId: string, queryId: string): string {
  return `run-query/${installationId}/${queryId}`
}

export function bulkQueryWorkflowId(installationId: string, queryId: string): string {
  return `bulk-query/${installationId}/${queryId}`
}

export function replayWorkflowId(installationId: string, replayId: string): string {
  return `replay/${installationId}/${replayId}`
}

export function notificationWorkflowId(installationId: string, channelId: string): string {
  return `notification/${installationId}/${channelId}`
}

/** The Schedule that pulls a connection's mirror; its runs add their time. */
export function mirrorScheduleId(installationId: string, connectionId: string): string {
  return `mirror/${installationId}/${connectionId}`
}

/** Of a connection's analytics, where somebody asked for it. */
export function rollUpWorkflowId(installationId: string, connectionId: string): string {
  return `roll-up/${installationId}/${connectionId}`
}

/** The Schedule that says whose the namespace is: the one id that installations share. */
export const INSTALLATION_MARK_ID = 'conveyor-installation'
