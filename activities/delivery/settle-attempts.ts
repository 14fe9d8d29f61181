import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { reachRowsByKey } from '../../db/rows-by-key.ts'
import { createWebhookDeliveryResultQueries } from '../../db/webhook-delivery-results.ts'
import {
  createWebhookEndpointQueries,
  type EndpointNews,
  type WebhookEndpoint,
} from '../../db/webhook-endpoints.ts'
import { createWebhookEventQueries } from '../../db/webhook-events.ts'
import { createWebhookTargetQueries, type WebhookTarget } from '../../db/webhook-targets.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import type { Sealing } from '../../security/sealing.ts'
import { type OwnEvent, ownEvent } from '../webhook/own-event.ts'
import type { Attempt } from './attempt-delivery.ts'
import { delayAfter, type ScheduleOptions } from './retry-schedule.ts'

/** Failures in a row that make trouble, whichever deliveries they are of. */
const FAILURES_OF_TROUBLE = 5
/** A delivery that fails so often, with nothing else going through, does too. */
const ATTEMPTS_OF_TROUBLE = 2
/** The owner of an endpoint is told of trouble at most so often, in seconds. */
const TELL_EVERY_SECONDS = 3_600

export interface SettledAttempt {
  readonly attempt: Attempt
  readonly target: WebhookTarget
}

export interface SettleOptions {
  readonly sealing: Sealing
  readonly schedule: ScheduleOptions
}

/** Endpoints whose retries a workflow takes over, now that this is committed. */
export interface Settlement {
  readonly troubled: readonly string[]
  readonly disabled: readonly string[]
}

/** Writes what became of attempts of one workspace, of their deliveries and their endpoints: all or nothing. */
export async function settleAttempts(
  database: WorkspaceDatabase,
  workspaceId: string,
  settled: readonly SettledAttempt[],
  options: SettleOptions,
): Promise<Settlement> {
  return database.transaction(async (transaction) => {
    await reachRowsByKey(transaction)
    const results = createWebhookDeliveryResultQueries(transaction)
    const ordered = settled.filter(({ target }) => target.ordering === 'record')
    if (ordered.length > 0) {
      await results.lockOrdered([...new Set(ordered.map(({ target }) => target.subscriptionId))])
    }
    await results.settle(settled.map(({ attempt }) => attempt.result))
    const failing = await createWebhookEndpointQueries(transaction).note(
      workspaceId,
      newsOf(settled),
    )
    return lookAtFailing(transaction, workspaceId, failing, settled, options)
  })
}

/** One piece of news an endpoint, in the order of its attempts. */
function newsOf(settled: readonly SettledAttempt[]): EndpointNews[] {
  const news = new Map<string, EndpointNews>()
  for (const { attempt, target } of settled) {
    const { result, timedOut, throttledUntil } = attempt
    const { subscriptionId, shard } = target
    const before = news.get(subscriptionId)
    const succeeded = result.outcome === 'delivered'
    const failed = !succeeded && throttledUntil === null
    news.set(subscriptionId, {
      subscriptionId,
      shard,
      succeeded: succeeded || (before?.succeeded ?? false),
      failures: succeeded ? 0 : (before?.failures ?? 0) + (failed ? 1 : 0),
      slow: timedOut,
      status: result.status,
      error: result.error,
      // Several go at once: an answer that was on its way does not end the pause that another asked for.
      heldUntil: later(before?.heldUntil ?? null, throttledUntil),
    })
  }
  return [...news.values()]
}

function later(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other
  return one > other ? one : other
}

async function lookAtFailing(
  transaction: DatabaseTransactionConnection,
  workspaceId: string,
  failing: readonly WebhookEndpoint[],
  settled: readonly SettledAttempt[],
  options: SettleOptions,
): Promise<Settlement> {
  const troubled: string[] = []
  const disabled: string[] = []
  const events: OwnEvent[] = []
  const endpoints = createWebhookEndpointQueries(transaction)
  const gone = new Set(
    settled.filter(({ attempt }) => attempt.gone).map(({ target }) => target.subscriptionId),
  )
  for (const endpoint of failing) {
    const { subscriptionId } = endpoint
    if (gone.has(subscriptionId)) {
      const reason = 'The endpoint answered 410: it wants no more deliveries.'
      if (await createWebhookTargetQueries(transaction).disable(subscriptionId, reason)) {
        disabled.push(subscriptionId)
        events.push(endpointEvent('endpoint.disabled', workspaceId, endpoint, { reason }))
      }
      continue
    }
    if (endpoint.troubledAt !== null || !isTrouble(endpoint, settled)) continue
    // Where none has failed twice, as while a receiver restarts, all would wait minutes for a matter of seconds.
    const step = hasFailedTwice(endpoint, settled) ? 1 : 0
    const delay = delayAfter(step, options.schedule) ?? delayAfter(0, options.schedule) ?? 0
    const nextProbeAt = new Date(Date.now() + delay)
    if (!(await endpoints.beginTrouble(subscriptionId, nextProbeAt))) continue
    troubled.push(subscriptionId)
    if (await endpoints.tell(subscriptionId, TELL_EVERY_SECONDS)) {
      const details = { next_attempt_at: nextProbeAt.toISOString() }
      events.push(endpointEvent('endpoint.failing', workspaceId, endpoint, details))
    }
  }
  if (events.length > 0) {
    await createWebhookEventQueries(transaction).insertAll(
      events.map((event) => ownEvent(options.sealing, event)),
    )
  }
  return { troubled, disabled }
}

function isTrouble(endpoint: WebhookEndpoint, settled: readonly SettledAttempt[]): boolean {
  if (endpoint.consecutiveFailures >= FAILURES_OF_TROUBLE) return true
  return endpoint.consecutiveFailures >= ATTEMPTS_OF_TROUBLE && hasFailedTwice(endpoint, settled)
}

function hasFailedTwice(
  { subscriptionId }: WebhookEndpoint,
  settled: readonly SettledAttempt[],
): boolean {
  return settled.some(
    ({ attempt: { result, throttledUntil } }) =>
      result.subscriptionId === subscriptionId &&
      throttledUntil === null &&
      result.outcome !== 'delivered' &&
      result.number >= ATTEMPTS_OF_TROUBLE,
  )
}

/** What the owner of an endpoint is told. */
export function endpointEvent(
  eventType: 'endpoint.failing' | 'endpoint.disabled' | 'endpoint.recovered',
  workspaceId: string,
  endpoint: WebhookEndpoint,
  details: Readonly<Record<string, unknown>>,
): OwnEvent {
  return {
    ...{ workspaceId, connectionId: null, eventType, subjectId: endpoint.subscriptionId },
    record: {
      subscription_id: endpoint.subscriptionId,
      consecutive_failures: endpoint.consecutiveFailures,
      failing_since: endpoint.firstFailureAt?.toISOString() ?? null,
      last_success_at: endpoint.lastSuccessAt?.toISOString() ?? null,
      last_status: endpoint.lastStatus,
      last_error: endpoint.lastError,
      ...details,
    },
  }
}
