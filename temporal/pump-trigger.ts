import { PUMP_SHARDS, type PumpInput } from '../contracts/pump.ts'
import { taskQueue } from '../contracts/task-queues.ts'
import { pumpWorkflowId } from '../contracts/workflow-ids.ts'
import type { TemporalConnection } from './connect.ts'

/** A pump is told to look at its tables. */
export interface PumpTrigger {
  /** Returns at once and never throws: what Temporal misses, the sweeper makes up for. */
  trigger(shards: Iterable<number>): void
  /** Waits for the calls under way. */
  close(): Promise<void>
}

export interface PumpTriggerOptions {
  readonly temporal: TemporalConnection
  readonly installationId: string
  /** Rejects where the namespace is another installation's. */
  readonly requireOwn: () => Promise<void>
  /** Tells pumps that are at work now; they need no signal. */
  readonly hint: (shards: readonly number[]) => void
  readonly logger: { debug(fields: object, message: string): void }
}

const DEADLINE_MS = 2_000
/** A pump that sleeps is woken by the first signal; more of them would only fill its history. */
const QUIET_MS = 1_000

/** At once at the first trigger, then at most once a second a pump. */
export function createPumpTrigger(options: PumpTriggerOptions): PumpTrigger {
  const { temporal, installationId, logger } = options
  const states = new Map<number, 'quiet' | 'again'>()
  const underWay = new Set<Promise<void>>()
  const timers = new Set<NodeJS.Timeout>()
  let closed = false

  async function signal(shard: number): Promise<void> {
    const input: PumpInput = { shard, triggered: true }
    try {
      await options.requireOwn()
      await temporal.client.connection.withDeadline(Date.now() + DEADLINE_MS, () =>
        temporal.client.workflow.signalWithStart('pump', {
          workflowId: pumpWorkflowId(installationId, shard),
          taskQueue: taskQueue(installationId, 'conveyor'),
          args: [input],
          signal: 'trigger',
          signalArgs: [],
          staticSummary: `pump ${shard} of ${PUMP_SHARDS}`,
        }),
      )
    } catch (error) {
      logger.debug({ err: error, shard }, 'a pump was not triggered; the sweeper will')
    }
  }

  function trigger(shard: number): void {
    if (closed) return
    if (states.has(shard)) {
      states.set(shard, 'again')
      return
    }
    states.set(shard, 'quiet')
    const call = signal(shard)
    underWay.add(call)
    void call.finally(() => {
      underWay.delete(call)
      const timer = setTimeout(() => {
        timers.delete(timer)
        const again = states.get(shard) === 'again'
        states.delete(shard)
        if (again) trigger(shard)
      }, QUIET_MS)
      timers.add(timer)
    })
  }

  return {
    trigger(shards) {
      const wanted = [...new Set(shards)]
      if (wanted.length === 0) return
      options.hint(wanted)
      for (const shard of wanted) trigger(shard)
    },
    async close() {
      closed = true
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(underWay)
    },
  }
}
