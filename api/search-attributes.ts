import type { Logger } from 'pino'
import type { TemporalConnection } from '../temporal/connect.ts'
import { ensureSearchAttributes } from '../temporal/search-attributes.ts'

const AGAIN_MS = 5_000

export interface SearchAttributesWatch {
  /** Whether jobs can be started with search attributes. False until Temporal has said so. */
  readonly areThere: () => boolean
  stop(): void
}

/** Asks Temporal until it answers once: the API starts, and takes jobs, while Temporal is down. */
export function watchSearchAttributes(
  temporal: TemporalConnection,
  logger: Logger,
): SearchAttributesWatch {
  let there = false
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    try {
      const missing = await ensureSearchAttributes(temporal)
      there = missing === null
      if (missing !== null) logger.warn({ missing }, 'running without search attributes')
    } catch (error) {
      logger.debug({ err: error }, 'Temporal did not say which search attributes there are')
      if (stopped) return
      timer = setTimeout(look, AGAIN_MS)
      timer.unref()
    }
  }

  void look()
  return {
    areThere: () => there,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
