import type { Config } from '../config/environment.ts'
import type { Database } from '../db/database.ts'
import { type ApiMetrics, createApiMetrics } from '../metrics/api-metrics.ts'
import { createRegistry } from '../metrics/create-registry.ts'
import { type InstallationState, observeInstallation } from '../metrics/installation-metrics.ts'
import { observePool } from '../metrics/pool-metrics.ts'
import {
  createMetricsServer,
  type MetricsServer,
  type MetricsServerOptions,
} from '../metrics/serve-metrics.ts'

/** The metrics of an API process, with those of the installation: they are the same for all its processes. */
export function createMetricsEndpoint(
  { metrics: { host, port } }: Pick<Config, 'metrics'>,
  database: Pick<Database, 'poolUse' | 'system'>,
  logger: MetricsServerOptions['logger'],
): { readonly metrics: ApiMetrics; readonly server: MetricsServer } {
  const registry = createRegistry()
  const metrics = createApiMetrics(registry)
  observePool(registry, database.poolUse)
  observeInstallation(
    registry,
    () => readInstallation(database),
    (error) => logger.warn({ err: error }, 'the state of the installation could not be read'),
  )
  return { metrics, server: createMetricsServer({ registry, host, port, logger }) }
}

async function readInstallation({ system }: Pick<Database, 'system'>): Promise<InstallationState> {
  const { apiUsages, queueAges, ...state } = await system.stateOfInstallation()
  return {
    ...state,
    quotas: apiUsages,
    queueAges: {
      events: queueAges.events,
      deliveries: queueAges.deliveries,
      workflow_starts: queueAges.workflowStarts,
      notifications: queueAges.notifications,
      rollups: queueAges.rollups,
    },
  }
}
