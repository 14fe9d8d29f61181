import type { EndpointInput } from '../contracts/pump.ts'
import type { PumpTrigger } from './pump-trigger.ts'

/** What the watch looks at; `db/` fits. */
export interface PumpWatchStore {
  /** Pumps with something that should have been done so many seconds ago. */
  listOverdueShards(seconds: number): Promise<readonly number[]>
  /** Endpoints whose workflow should have tried them so many seconds ago. */
  listOverdueEndpoints(seconds: number, limit: number): Promise<readonly EndpointInput[]>
  /** Tells Postgres what is in tables that have just begun to fill. */
  analyzeNew(): Promise<unknown>
}

export interface PumpWatchOptions {
  readonly store: PumpWatchStore
  readonly trigger: PumpTrigger
  readonly startEndpoint: (input: EndpointInput) => Promise<void>
  readonly logger: {
    warn(fields: object, message: string): void
    info(fields: object, message: string): void
  }
  /** Pause between two rounds, in milliseconds. */
  readonly intervalMs?: number
}

const INTERVAL_MS = 2_000
const SHARD_SECONDS = 3
/** An endpoint's workflow has timers of its own, and a worker that was away takes a while. */
const ENDPOINT_SECONDS = 60
const ENDPOINTS_AT_ONCE = 50

/** Makes up for triggers that Temporal did not get, and for workflows that it lost. Several may run. */
export function startPumpWatch(options: PumpWatchOptions): { stop(): Promise<void> } {
  const { store, trigger, logger } = options
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined
  let trouble: string | null = null

  async function look(): Promise<void> {
    await store.analyzeNew()
    trigger.trigger(await store.listOverdueShards(SHARD_SECONDS))
    const endpoints = await store.listOverdueEndpoints(ENDPOINT_SECONDS, ENDPOINTS_AT_ONCE)
    for (const endpoint of endpoints) await options.startEndpoint(endpoint)
  }

  function schedule(): void {
    if (stopped) return
    timer = setTimeout(() => {
      round = look()
        .then(() => {
          if (trouble !== null) logger.info({}, 'pumps are looked after again')
          trouble = null
        })
        .catch((error: unknown) => {
          // One line when it changes, not one a round.
          const now = error instanceof Error ? error.name : String(error)
          if (now !== trouble) logger.warn({ err: error }, 'pumps could not be looked after')
          trouble = now
        })
        .finally(schedule)
    }, options.intervalMs ?? INTERVAL_MS)
  }

  schedule()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await round
    },
  }
}
