import type { Config } from '../config/environment.ts'
import type { Database } from '../db/database.ts'
import { type ApiMetrics, createApiMetrics } from '../metrics/api-metrics.ts'
import { createRegistry } from '../metrics/create-registry.ts'
import { observeInstallation } from '../metrics/installation-metrics.ts'
import { observePool } from '../metrics/pool-metrics.ts'
import { serveMetrics } from '../metrics/serve-metrics.ts'

export interface MetricsEndpoint {
  readonly metrics: ApiMetrics
  /** Begins to serve; nothing happens where no port is set. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** The metrics of an API process, with those of the installation: they are the same for all its processes. */
export function createMetricsEndpoint(
  { metrics: { host, port } }: Pick<Config, 'metrics'>,
  database: Pick<Database, 'poolUse' | 'system'>,
  logger: {
    warn(fields: object, message: string): void
    info(fields: object, message: string): void
  },
): MetricsEndpoint {
  const registry = createRegistry()
  const metrics = createApiMetrics(registry)
  const onError = (error: unknown) => logger.warn({ err: error }, 'metrics could not be gathered')
  observePool(registry, database.poolUse)
  observeInstallation(
    registry,
    async () => {
      const { apiUsages, queueAges, ...state } = await database.system.stateOfInstallation()
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
    },
    onError,
  )
  let stop = async () => {}
  return {
    metrics,
    async start() {
      if (port === null) return
      const server = await serveMetrics(registry, { host, port }, onError)
      stop = server.close
      logger.info({ host, port: server.port }, 'metrics are served')
    },
    stop: () => stop(),
  }
}
