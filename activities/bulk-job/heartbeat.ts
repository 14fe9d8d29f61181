import { Context } from '@temporalio/activity'

const INTERVAL_MS = 2_000

/**
 * Heartbeats while `work` runs, so that a dead process is noticed within seconds and cancellation arrives.
 * `beat` is done every few seconds along with it; its failure does not stop the work.
 */
export async function heartbeatWhile<T>(
  work: () => Promise<T>,
  beat?: () => Promise<void>,
): Promise<T> {
  const context = Context.current()
  let beats = 0
  const timer = setInterval(() => {
    context.heartbeat()
    beats += 1
    if (beat && beats % 10 === 0) {
      beat().catch((error: unknown) => {
        context.log.warn('renewing failed', { error: String(error) })
      })
    }
  }, INTERVAL_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
