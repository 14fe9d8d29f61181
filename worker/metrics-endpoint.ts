import type { Config } from '../config/environment.ts'
import type { Database } from '../db/database.ts'
import { createRegistry } from '../metrics/create-registry.ts'
import { observePool } from '../metrics/pool-metrics.ts'
import { serveMetrics } from '../metrics/serve-metrics.ts'
import { createWorkerMetrics, type WorkerMetrics } from '../metrics/worker-metrics.ts'

export interface MetricsEndpoint {
  readonly metrics: WorkerMetrics
  /** Begins to serve, on the port after the API's; nothing happens where no port is set. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** The metrics of a worker process. */
export function createMetricsEndpoint(
  { metrics: { host, port } }: Pick<Config, 'metrics'>,
  database: Pick<Database, 'poolUse'>,
  logger: {
    warn(fields: object, message: string): void
    info(fields: object, message: string): void
  },
): MetricsEndpoint {
  const registry = createRegistry()
  const metrics = createWorkerMetrics(registry)
  observePool(registry, database.poolUse)
  let stop = async () => {}
  return {
    metrics,
    async start() {
      if (port === null) return
      const server = await serveMetrics(registry, { host, port: port + 1 }, (error) =>
        logger.warn({ err: error }, 'metrics could not be gathered'),
      )
      stop = server.close
      logger.info({ host, port: server.port }, 'metrics are served')
    },
    stop: () => stop(),
  }
}
