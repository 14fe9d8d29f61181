import { Gauge, type Registry } from 'prom-client'

/** Connections of a process to Postgres. */
export interface ObservedPool {
  readonly inUse: number
  readonly idle: number
  /** Callers that wait for one. */
  readonly waiting: number
}

/** Asks for the pool's state at each scrape; that is a matter of memory. */
export function observePool(registry: Registry, read: () => ObservedPool): void {
  new Gauge({
    name: 'conveyor_database_connections',
    help: 'Connections of this process to Postgres, by state.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { inUse, idle } = read()
      this.set({ state: 'in_use' }, inUse)
      this.set({ state: 'idle' }, idle)
    },
  })
  new Gauge({
    name: 'conveyor_database_waiting',
    help: 'Callers in this process that wait for a connection to Postgres.',
    registers: [registry],
    collect() {
      this.set(read().waiting)
    },
  })
}
