import type { TemporalConnection } from './connect.ts'

/** Whether Temporal serves our namespace. Rejects where it does not, or not within `ms`. */
export async function pingTemporal(temporal: TemporalConnection, ms: number): Promise<void> {
  const { connection } = temporal.client
  await connection.withDeadline(Date.now() + ms, () =>
    connection.workflowService.describeNamespace({ namespace: temporal.namespace }),
  )
}
