import { createApiMetrics } from '../../metrics/api-metrics.ts'
import { createRegistry } from '../../metrics/create-registry.ts'
import { observeInstallation } from '../../metrics/installation-metrics.ts'
import { observePool } from '../../metrics/pool-metrics.ts'
import { createWorkerMetrics } from '../../metrics/worker-metrics.ts'

/** Labels of a metric, by each name that Prometheus keeps it under. */
export type MetricLabels = ReadonlyMap<string, ReadonlySet<string>>

/** What a scrape itself adds. */
const OF_TARGETS = ['job', 'instance']

/** Every metric that a process of ours may serve. */
export function allMetrics(): MetricLabels {
  const registry = createRegistry()
  createApiMetrics(registry)
  createWorkerMetrics(registry)
  observePool(registry, () => ({ inUse: 0, idle: 0, waiting: 0 }))
  observeInstallation(
    registry,
    () => new Promise(() => {}),
    () => {},
  )
  const found = new Map<string, ReadonlySet<string>>()
  for (const metric of registry.getMetricsAsArray()) {
    const labels = [...labelsOf(metric), ...OF_TARGETS]
    found.set(metric.name, new Set(labels))
    for (const part of ['_bucket', '_sum', '_count']) {
      found.set(`${metric.name}${part}`, new Set(part === '_bucket' ? [...labels, 'le'] : labels))
    }
  }
  return found
}

/** The array holds the metrics themselves, whose type does not say what they are labelled with. */
function labelsOf(metric: object): readonly string[] {
  return 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames : []
}
