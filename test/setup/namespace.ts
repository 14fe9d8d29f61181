import { msToTs } from '@temporalio/common/lib/time.js'
import type { TemporalConnection } from '../../temporal/connect.ts'

/** Makes the connection's namespace: an installation refuses one that another has marked. */
export async function registerNamespace({ client, namespace }: TemporalConnection): Promise<void> {
  await client.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('3 days'),
  })
}
