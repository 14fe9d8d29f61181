import { collectDefaultMetrics, Registry } from 'prom-client'

/** The metrics of one process: its own, not prom-client's shared one, with memory, processor and event loop. */
export function createRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}
