import { sql } from 'slonik'
import { shardOf } from '../../contracts/pump.ts'
import { taskQueue } from '../../contracts/task-queues.ts'
import { endpointWorkflowId, pumpWorkflowId } from '../../contracts/workflow-ids.ts'
import { row } from '../../db/row-type.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import type { TestConveyor } from '../setup/conveyor.ts'
import { until } from '../setup/simulator.ts'
import { startReceiver } from '../webhooks/receiver.ts'
import { addEvents, addSubscription, ENCRYPTION_KEY } from '../webhooks/webhook-setup.ts'

export const WEBHOOK_ENVIRONMENT = {
  ...{ NODE_ENV: 'test', WORKER_QUEUES: 'conveyor,pump', CONVEYOR_ALLOW_PRIVATE_ADDRESSES: 'true' },
  SALESFORCE_TOKEN_ENCRYPTION_KEY: ENCRYPTION_KEY,
  CONVEYOR_DELIVERY_RETRY_SCHEDULE: '0.3,1,600,600',
}

const sealing = createSealing([deriveSealingKey(ENCRYPTION_KEY)])
/** A turn without work ends after half a minute. */
const TURN_MS = 60_000

/** An endpoint that fails, is paused and resumed by people, tried by one of them, and recovers. Gives the workflow's id. */
export async function endpointHistory(conveyor: TestConveyor): Promise<string> {
  const receiver = await startReceiver()
  try {
    let broken = true
    receiver.answer((_request, response) => response.writeHead(broken ? 503 : 204).end())
    const { id } = await addSubscription(conveyor.pool, sealing, { url: receiver.url })
    await addEvents(conveyor.pool, sealing, [{}])
    const workflowId = endpointWorkflowId(conveyor.installationId, id)
    const workflow = conveyor.temporal.client.workflow.getHandle(workflowId)
    // The attempt, its retry, and the first probe.
    await until(() => Promise.resolve(receiver.received.length === 3), 30_000)
    await workflow.signal('pause')
    await until(() => isPaused(conveyor, id), 30_000)
    await workflow.signal('retryNow')
    await conveyor.pool.query(sql.type(row<never>())`
      update salesforce_webhook_subscriptions set paused_at = null where subscription_id = ${id}`)
    await workflow.signal('retryNow')
    await until(() => Promise.resolve(receiver.received.length === 4), 30_000)
    broken = false
    await workflow.signal('retryNow')
    await workflow.result()
    return workflowId
  } finally {
    await receiver.close()
  }
}

/** A pump that works, has nothing to do, sleeps, and is woken. */
export async function pumpHistory(
  conveyor: TestConveyor,
): Promise<{ readonly workflowId: string; readonly runId: string }> {
  const receiver = await startReceiver()
  try {
    const { id } = await addSubscription(conveyor.pool, sealing, { url: receiver.url })
    const shard = shardOf(id)
    const workflowId = pumpWorkflowId(conveyor.installationId, shard)
    const { client } = conveyor.temporal
    const trigger = () =>
      client.workflow.signalWithStart('pump', {
        ...{ workflowId, taskQueue: taskQueue(conveyor.installationId, 'conveyor') },
        ...{ args: [{ shard, triggered: true }], signal: 'trigger', signalArgs: [] },
      })
    const { signaledRunId: runId } = await trigger()
    const workflow = client.workflow.getHandle(workflowId, runId)
    const events = async () => (await workflow.fetchHistory()).events ?? []
    const isAsleep = async () =>
      (await events()).some(({ timerStartedEventAttributes: timer }) => timer != null)
    await until(isAsleep, 3 * TURN_MS)
    await addEvents(conveyor.pool, sealing, [{}])
    await trigger()
    await until(() => Promise.resolve(receiver.received.length === 1), 30_000)
    const turns = async () =>
      (await events()).filter(({ activityTaskCompletedEventAttributes: turn }) => turn != null)
    const before = (await turns()).length
    await until(async () => (await turns()).length > before, 2 * TURN_MS)
    await workflow.terminate('recorded')
    return { workflowId, runId }
  } finally {
    await receiver.close()
  }
}

function isPaused({ pool }: TestConveyor, subscriptionId: string): Promise<boolean> {
  return pool.oneFirst(sql.type(row<{ paused: boolean }>())`
    select paused_at is not null as paused from salesforce_webhook_subscriptions
    where subscription_id = ${subscriptionId}`)
}
