import {
  condition,
  continueAsNew,
  defineSignal,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { PumpInput, PumpTurn } from '../contracts/pump.ts'
import { pumpTurns } from './proxies.ts'

const triggerSignal = defineSignal('trigger')

/** Nobody waits for longer; triggers that got lost are then made up for. */
const LONGEST_WAIT_MS = 3_600_000
const SHORTEST_WAIT_MS = 100

/** Supervises one pump: runs its turns while there is work, and sleeps until a trigger or the next delivery is due. */
export async function pump({ shard, triggered: first }: PumpInput): Promise<void> {
  const { pumpTurn } = pumpTurns()
  let triggered = first
  setHandler(triggerSignal, () => {
    triggered = true
  })
  for (;;) {
    triggered = false
    const turn = await pumpTurn({ shard })
    show(shard, turn)
    if (turn.events === 0 && turn.attempts === 0) await condition(() => triggered, waitAfter(turn))
    if (workflowInfo().continueAsNewSuggested) {
      // A trigger that has come and not been followed goes over, or its events would wait for the next one.
      await continueAsNew<typeof pump>({ shard, triggered })
    }
  }
}

function waitAfter({ nextDueAt }: PumpTurn): number {
  if (nextDueAt === null) return LONGEST_WAIT_MS
  return Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, nextDueAt - Date.now()))
}

function show(shard: number, { events, attempts, delivered, nextDueAt }: PumpTurn): void {
  setCurrentDetails(
    [
      `Pump ${shard}: takes events in, and sends what is due. Its heartbeat tells what goes on now.`,
      '',
      '| last turn: events | attempts | delivered | next due |',
      '|---|---|---|---|',
      `| ${events} | ${attempts} | ${delivered} | ${nextDueAt === null ? 'nothing waits' : new Date(nextDueAt).toISOString()} |`,
    ].join('\n'),
  )
}
