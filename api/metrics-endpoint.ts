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

export interface MetricsEndpoint {
  readonly metrics: ApiMetrics
  readonly server: MetricsServer
}

/**
 * The metrics of an API process, with those of the installation: they are the same for all its processes. Null where no
 * port is set: nobody would read what is counted.
 */
export function createMetricsEndpoint(
  { metrics: { host, port } }: Pick<Config, 'metrics'>,
  database: Pick<Database, 'poolUse' | 'system'>,
  logger: MetricsServerOptions['logger'],
): MetricsEndpoint | null {
  if (port === null) return null
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
