import type { Logger } from '../activities/dependencies.ts'
import type { Config } from '../config/environment.ts'
import type { Database } from '../db/database.ts'
import { createRegistry } from '../metrics/create-registry.ts'
import { observePool } from '../metrics/pool-metrics.ts'
import { createMetricsServer, type MetricsServer } from '../metrics/serve-metrics.ts'
import { createWorkerMetrics, type WorkerMetrics } from '../metrics/worker-metrics.ts'

/** The metrics of a worker process, on the port after the API's. */
export function createMetricsEndpoint(
  { metrics: { host, port } }: Pick<Config, 'metrics'>,
  database: Pick<Database, 'poolUse'>,
  logger: Logger,
): { readonly metrics: WorkerMetrics; readonly server: MetricsServer } {
  const registry = createRegistry()
  const metrics = createWorkerMetrics(registry)
  observePool(registry, database.poolUse)
  const ownPort = port === null ? null : port + 1
  return { metrics, server: createMetricsServer({ registry, host, port: ownPort, logger }) }
}
