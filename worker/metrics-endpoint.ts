import type { Logger } from '../activities/dependencies.ts'
import type { Config } from '../config/environment.ts'
import type { Database } from '../db/database.ts'
import { createRegistry } from '../metrics/create-registry.ts'
import { observePool } from '../metrics/pool-metrics.ts'
import { createMetricsServer, type MetricsServer } from '../metrics/serve-metrics.ts'
import { createWorkerMetrics, type WorkerMetrics } from '../metrics/worker-metrics.ts'

export interface MetricsEndpoint {
  readonly metrics: WorkerMetrics
  readonly server: MetricsServer
}

/**
 * The metrics of a worker process, on the port after the API's. Null where no port is set: nobody would read what is
 * counted, and the event loop is not watched for nothing.
 */
export function createMetricsEndpoint(
  { metrics: { host, port } }: Pick<Config, 'metrics'>,
  database: Pick<Database, 'poolUse'>,
  logger: Logger,
): MetricsEndpoint | null {
  if (port === null) return null
  const registry = createRegistry()
  const metrics = createWorkerMetrics(registry)
  observePool(registry, database.poolUse)
  return { metrics, server: createMetricsServer({ registry, host, port: port + 1, logger }) }
}
