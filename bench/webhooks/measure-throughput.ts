import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { watchOthers } from '../machine-load.ts'
import { type Drain, drainByLoop, watchCpu } from './loop-task.ts'
import { type Receivers, startReceivers } from './receivers.ts'
import { obtainRedis } from './redis-binary.ts'
import { startRedis } from './redis-server.ts'
import type { WebhookStack } from './webhook-stack.ts'

const GRAPHILE = new URL('graphile-process.ts', import.meta.url)
const BULLMQ = new URL('bullmq-process.ts', import.meta.url)
const OBJECT = 'Account'
const QUIET_MS = 20_000
const DRAIN_MS = 180_000
const WARM_UP_EVENTS = 200

export interface ThroughputResult {
  readonly who: 'Conveyor' | 'graphile-worker' | 'graphile-worker, batched' | 'BullMQ'
  readonly endpoints: number
  readonly events: number
  readonly drain: Drain
  readonly othersShare: number | null
}

export interface Throughput {
  readonly results: readonly ThroughputResult[]
  readonly concurrency: number
  /** Why BullMQ was left out; null where it was not. */
  readonly withoutRedis: string | null
}

/** A backlog of events that all go to one endpoint, or to five: from its commit to the last arrival. */
export async function measureThroughput(
  stack: WebhookStack,
  options: { readonly events: number; readonly repeat: number; readonly concurrency: number },
  report: (line: string) => void,
): Promise<Throughput> {
  const { events, concurrency } = options
  const results: ThroughputResult[] = []
  const { redis, why } = await redisOf(stack)

  async function measure(
    who: ThroughputResult['who'],
    endpoints: number,
    drainIt: () => Promise<Drain>,
  ): Promise<void> {
    const watch = watchOthers()
    const drain = await drainIt()
    results.push({ who, endpoints, events, drain, othersShare: watch() })
    report(
      `${who}, ${events} events to ${endpoints}: ${((events / drain.ms) * 1_000).toFixed(0)} events/s, ${drain.arrived} arrived, ${drain.duplicates} twice, CPU ${((drain.cpuMs ?? 0) / drain.arrived).toFixed(2)} ms each`,
    )
  }

  async function byConveyor(receivers: Receivers): Promise<Drain> {
    await stack.subscribe(receivers.urls.map((url) => ({ url, objectType: OBJECT, concurrency })))
    // Pumps that sleep, and endpoints that have answered nothing yet, are another question.
    await stack.addBacklog(WARM_UP_EVENTS, OBJECT)
    await receivers.waitFor(WARM_UP_EVENTS * receivers.urls.length, QUIET_MS)
    await stack.drained(DRAIN_MS)
    await receivers.reset()
    const { api, worker, postgres, temporal } = stack.pids
    const cpu = watchCpu([api, worker, postgres, temporal])
    const at = await stack.addBacklog(events, OBJECT)
    const { arrived, duplicates, last } = await receivers.waitFor(
      events * receivers.urls.length,
      QUIET_MS,
    )
    const cpuMs = cpu()
    await stack.drained(DRAIN_MS)
    return { ms: last - at, arrived, duplicates, cpuMs }
  }

  try {
    for (const endpoints of [1, 5]) {
      const receivers = await startReceivers(Array.from({ length: endpoints }, () => 'ok'))
      const loop = (script: URL, server: string, serverPid: number, batched: boolean) => () =>
        drainByLoop(
          script,
          {
            ...{ server, events, batched, endpoints: [...receivers.urls] },
            // As much as Conveyor may have under way.
            concurrency: concurrency * endpoints,
          },
          receivers,
          serverPid,
        )
      const { databaseUrl, pids } = stack
      const graphile = (batched: boolean) => loop(GRAPHILE, databaseUrl, pids.postgres, batched)
      try {
        for (let round = 0; round < options.repeat; round += 1) {
          await measure('Conveyor', endpoints, () => byConveyor(receivers))
          await measure('graphile-worker', endpoints, graphile(false))
          await measure('graphile-worker, batched', endpoints, graphile(true))
          if (redis === null) continue
          await measure(
            'BullMQ',
            endpoints,
            loop(BULLMQ, `redis://127.0.0.1:${redis.port}`, redis.pid, false),
          )
        }
      } finally {
        await receivers.stop()
      }
    }
    return { results, concurrency, withoutRedis: why }
  } finally {
    await redis?.stop()
  }
}

async function redisOf(stack: WebhookStack) {
  try {
    const directory = join(stack.scratchDirectory, 'redis')
    await mkdir(directory, { recursive: true })
    const redis = await startRedis(await obtainRedis(process.env), directory)
    return { redis, why: null }
  } catch (error) {
    return { redis: null, why: error instanceof Error ? error.message : String(error) }
  }
}
