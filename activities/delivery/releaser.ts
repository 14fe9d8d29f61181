import { setImmediate as turn } from 'node:timers/promises'
import type { ClaimedDelivery } from '../../db/webhook-delivery-queue.ts'
import type { DelivererOptions } from './deliverer.ts'

/** Gives back what was claimed and is not sent after all: without that it would wait until its claim runs out. */
export function createReleaser(
  options: Pick<DelivererOptions, 'database' | 'logger' | 'onSettled'>,
) {
  let given: ClaimedDelivery[] = []
  let shards = new Set<number>()
  let writing: Promise<void> | null = null

  function start(): void {
    writing ??= write().finally(() => {
      writing = null
      if (given.length > 0) start()
    })
  }

  async function write(): Promise<void> {
    // What an endpoint had waiting comes back all at once.
    await turn()
    while (given.length > 0) {
      const [batch, told] = [given, shards]
      given = []
      shards = new Set()
      try {
        await options.database.system.deliveries.release(batch)
        for (const shard of told) options.onSettled(shard)
      } catch (error) {
        options.logger.warn({ err: error, deliveries: batch.length }, 'claims are left to run out')
      }
    }
  }

  return {
    release(shard: number, delivery: ClaimedDelivery): void {
      given.push(delivery)
      shards.add(shard)
      start()
    },

    async close(): Promise<void> {
      while (writing !== null) await writing
    },
  }
}
