import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type Helper, startHelper } from './helper-process.ts'

const SCRIPT = new URL('receiver-process.ts', import.meta.url)
const LOOK_MS = 100

export const behaviourSchema = z.enum(['ok', 'hang', '500', '429', '410', 'drip'])
export type Behaviour = z.infer<typeof behaviourSchema>

export const listenSchema = z.object({ behaviours: z.array(behaviourSchema) })
const portsSchema = z.array(z.int())
const countSchema = z.object({
  /** Events at healthy endpoints, each counted once. */
  arrived: z.int(),
  duplicates: z.int(),
  /** Requests at the others. */
  misses: z.int(),
  /** Of the last arrival, by the shared clock. */
  last: z.number(),
})
export type ReceiverCount = z.infer<typeof countSchema>
const arrivalsSchema = z.array(z.tuple([z.string(), z.int(), z.number()]))

/** Endpoints in a process of their own. */
export interface Receivers {
  readonly urls: readonly string[]
  count(): Promise<ReceiverCount>
  /** Event, endpoint and time of each first arrival. */
  arrivals(): Promise<readonly (readonly [eventId: string, endpoint: number, at: number])[]>
  reset(): Promise<void>
  /** Waits until so many have arrived, or nothing has for so long. */
  waitFor(arrivals: number, quietMs: number): Promise<ReceiverCount>
  stop(): Promise<void>
}

export async function startReceivers(behaviours: readonly Behaviour[]): Promise<Receivers> {
  const helper: Helper = startHelper(SCRIPT)
  try {
    const ports = portsSchema.parse(await helper.ask('listen', { behaviours }))
    const count = async () => countSchema.parse(await helper.ask('count'))
    return {
      urls: ports.map((port) => `http://127.0.0.1:${port}/events`),
      count,
      arrivals: async () => arrivalsSchema.parse(await helper.ask('arrivals')),
      reset: async () => {
        await helper.ask('reset')
      },
      async waitFor(arrivals, quietMs) {
        let since = performance.now()
        let before = -1
        for (;;) {
          const now = await count()
          if (now.arrived >= arrivals) return now
          if (now.arrived !== before) since = performance.now()
          if (performance.now() - since > quietMs) return now
          before = now.arrived
          await sleep(LOOK_MS)
        }
      },
      stop: () => helper.stop(),
    }
  } catch (error) {
    await helper.stop()
    throw error
  }
}
