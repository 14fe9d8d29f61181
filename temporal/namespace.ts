import { msToTs } from '@temporalio/common/lib/time.js'
import type { TemporalConnection } from './connect.ts'

const RETENTION_SECONDS = 30 * 86_400

/**
 * Keeps closed workflows for thirty days. The development server's default is one day: no reset and no
 * query after it. Longer retentions are left alone.
 */
export async function ensureNamespaceRetention(temporal: TemporalConnection): Promise<void> {
  const { workflowService } = temporal.client.connection
  const described = await workflowService.describeNamespace({ namespace: temporal.namespace })
  const kept = Number(described.config?.workflowExecutionRetentionTtl?.seconds ?? 0)
  if (kept >= RETENTION_SECONDS) return
  await workflowService.updateNamespace({
    namespace: temporal.namespace,
    config: { workflowExecutionRetentionTtl: msToTs(RETENTION_SECONDS * 1000) },
  })
}
