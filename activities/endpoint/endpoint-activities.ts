import { Context } from '@temporalio/activity'
import type { EndpointView, EndpointWish, ProbeOutcome } from '../../contracts/endpoint-steps.ts'
import type { EndpointInput } from '../../contracts/pump.ts'
import { createWebhookDeliveryQueueQueries } from '../../db/webhook-delivery-queue.ts'
import { createWebhookDeliveryResultQueries } from '../../db/webhook-delivery-results.ts'
import { createWebhookEndpointQueries, type WebhookEndpoint } from '../../db/webhook-endpoints.ts'
import { createWebhookEventQueries } from '../../db/webhook-events.ts'
import { createWebhookTargetQueries, type WebhookTarget } from '../../db/webhook-targets.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import type { Sealing } from '../../security/sealing.ts'
import type { Attempt } from '../delivery/attempt-delivery.ts'
import type { Deliverer } from '../delivery/deliverer.ts'
import { delayAfter, ladderSeconds, type ScheduleOptions } from '../delivery/retry-schedule.ts'
import { endpointEvent, settleAttempts } from '../delivery/settle-attempts.ts'
import type { Logger } from '../dependencies.ts'
import { type OwnEvent, ownEvent } from '../webhook/own-event.ts'

const MOST_COUNTED = 1_000
const ENDED_AT_ONCE = 1_000

export interface EndpointOptions {
  readonly database: WorkspaceDatabase
  readonly sealing: Sealing
  readonly logger: Logger
  readonly deliverer: Deliverer
  readonly schedule: ScheduleOptions
  readonly attemptMs: number
  /** An endpoint that failed everything for so long is disabled. */
  readonly disableAfterSeconds: number
  /** The pump has something to do again. */
  readonly onReleased: (shard: number) => void
  readonly onOwnEvents: () => void
}

/** What the workflow of an endpoint in trouble does. */
export function createEndpointActivities(options: EndpointOptions) {
  const { database, sealing, schedule } = options
  const endpoints = createWebhookEndpointQueries(database)
  const queue = createWebhookDeliveryQueueQueries(database)
  const results = createWebhookDeliveryResultQueries(database)
  const targets = createWebhookTargetQueries(database)

  /** What has waited for the endpoint as long as retries take; not what was held before the trouble began. */
  async function endOld(target: WebhookTarget, troubledAt: Date): Promise<void> {
    const seconds = ladderSeconds(schedule.delaysSeconds)
    if (Date.now() - troubledAt.getTime() < seconds * 1_000) return
    const old = {
      error: 'endpoint_in_trouble',
      onlyIfEnded: false,
      olderThanSeconds: seconds,
      limit: ENDED_AT_ONCE,
    }
    for (;;) {
      const ended = await results.endWaiting(target, old)
      Context.current().heartbeat()
      if (ended < ENDED_AT_ONCE) break
    }
    await results.releaseOrdered(target.subscriptionId)
  }

  async function recover(workspaceId: string, endpoint: WebhookEndpoint): Promise<void> {
    const { subscriptionId, troubledAt, toldAt } = endpoint
    const wasTold = toldAt !== null && troubledAt !== null && toldAt >= troubledAt
    await database.transaction(async (transaction) => {
      await createWebhookEndpointQueries(transaction).endTrouble(subscriptionId)
      if (!wasTold) return
      await tell(
        transaction,
        endpointEvent('endpoint.recovered', workspaceId, endpoint, {
          troubled_since: troubledAt.toISOString(),
        }),
      )
    })
    options.onOwnEvents()
  }

  async function tell(connection: WorkspaceDatabase, event: OwnEvent): Promise<void> {
    await createWebhookEventQueries(connection).insertAll([ownEvent(sealing, event)])
  }

  async function disable(
    workspaceId: string,
    endpoint: WebhookEndpoint,
    reason: string,
  ): Promise<void> {
    await database.transaction(async (transaction) => {
      const { subscriptionId } = endpoint
      await createWebhookEndpointQueries(transaction).endTrouble(subscriptionId)
      if (!(await createWebhookTargetQueries(transaction).disable(subscriptionId, reason))) return
      await tell(transaction, endpointEvent('endpoint.disabled', workspaceId, endpoint, { reason }))
    })
    options.onOwnEvents()
  }

  return {
    async lookAtEndpoint({ subscriptionId }: EndpointInput): Promise<EndpointView> {
      const endpoint = await endpoints.get(subscriptionId)
      const [target] = await targets.getAll([subscriptionId])
      return {
        troubled: endpoint?.troubledAt != null && target !== undefined && !target.ended,
        paused: target?.active === false,
        since: endpoint?.troubledAt?.getTime() ?? null,
        nextProbeAt: endpoint?.nextProbeAt?.getTime() ?? null,
        failedProbes: endpoint?.failedProbes ?? 0,
        consecutiveFailures: endpoint?.consecutiveFailures ?? 0,
        lastStatus: endpoint?.lastStatus ?? null,
        lastError: endpoint?.lastError ?? null,
        lastSuccessAt: endpoint?.lastSuccessAt?.getTime() ?? null,
        waiting: target === undefined ? 0 : await queue.countOf(target, MOST_COUNTED),
      }
    },

    /** Tries the endpoint with one of the deliveries that wait for it. */
    async probeEndpoint({ subscriptionId, workspaceId }: EndpointInput): Promise<ProbeOutcome> {
      const endpoint = await endpoints.get(subscriptionId)
      const [target] = await targets.getAll([subscriptionId])
      if (endpoint?.troubledAt == null || target === undefined || target.ended) return 'ended'
      // Paused since the workflow looked, perhaps hours ago.
      if (!target.active) return 'busy'
      await endOld(target, endpoint.troubledAt)
      const claimed = await queue.claimForProbe(target, options.attemptMs / 1_000 + 15)
      if (claimed === null) {
        if ((await queue.countOf(target, 1)) > 0) return 'busy'
        // Whether it works is known only where an attempt went through that was not followed up, as after a crash.
        if (endpoint.consecutiveFailures === 0) await recover(workspaceId, endpoint)
        else await endpoints.restFromTrouble(subscriptionId)
        return 'nothing_waits'
      }
      const probed = await options.deliverer.probe(claimed)
      if (probed === null) return 'ended'
      const { attempt } = probed
      await settleAttempts(
        database,
        workspaceId,
        [{ attempt, target: probed.target.target }],
        options,
      )
      if (attempt.result.outcome === 'delivered') {
        await recover(workspaceId, endpoint)
        options.onReleased(target.shard)
        return 'recovered'
      }
      if (attempt.gone) {
        await endpoints.endTrouble(subscriptionId)
        options.onOwnEvents()
        return 'disabled'
      }
      const failingSince = endpoint.firstFailureAt ?? endpoint.troubledAt
      if (Date.now() - failingSince.getTime() > options.disableAfterSeconds * 1_000) {
        const reason = `Every attempt has failed since ${failingSince.toISOString()}.`
        await disable(workspaceId, endpoint, reason)
        return 'disabled'
      }
      await endpoints.setProbeFailed(subscriptionId, nextProbeAt(endpoint, attempt))
      return 'failing'
    },

    /** What a person asked for in the Temporal UI. */
    async steerEndpoint({ subscriptionId, workspaceId, wish }: EndpointWish): Promise<void> {
      const reason = 'By a person, in the Temporal UI.'
      const endpoint = await endpoints.get(subscriptionId)
      if (endpoint === null) return
      switch (wish) {
        case 'pause':
          await targets.pause(subscriptionId, reason)
          return
        case 'disable':
          await disable(workspaceId, endpoint, reason)
          return
        default:
          return unknownWish(wish)
      }
    },
  }

  /** The ladder from where the delivery that was tried is on it, and further with each probe; its last step is repeated. */
  function nextProbeAt({ failedProbes }: WebhookEndpoint, attempt: Attempt): Date {
    if (attempt.throttledUntil !== null) return attempt.throttledUntil
    const last = schedule.delaysSeconds.length - 1
    const step = Math.min(Math.max(failedProbes + 1, attempt.result.number - 1), last)
    const delay = delayAfter(step, schedule) ?? 0
    return new Date(Date.now() + delay)
  }
}

function unknownWish(wish: never): never {
  throw new Error(`Unknown wish ${String(wish)}`)
}
