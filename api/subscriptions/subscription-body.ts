import type { EndpointHealthBody, SubscriptionBody } from '../../contracts/http/subscriptions.ts'
import type { EventFilter } from '../../contracts/subscription.ts'
import type { WebhookSubscription } from '../../db/salesforce-webhook-subscription-row.ts'
import type { EndpointHealth, HealthBounds } from '../../db/webhook-endpoint-health.ts'

export function subscriptionUrl(subscriptionId: string): string {
  return `/v1/subscriptions/${encodeURIComponent(subscriptionId)}`
}

/** A subscription as callers see it: never a secret. */
export function subscriptionBody(subscription: WebhookSubscription): SubscriptionBody {
  const { subscriptionId, previousSecretExpiresAt: overlap, filter } = subscription
  return {
    id: subscriptionId,
    event_types: [...subscription.events],
    object_type: subscription.objectType,
    callback_url: subscription.callbackUrl,
    description: subscription.description,
    filter: filter === null ? null : filterBody(filter),
    connection_id: subscription.connectionId,
    user_id: subscription.userId,
    rate_per_second: subscription.ratePerSecond,
    concurrency: subscription.concurrency,
    ordering: subscription.ordering,
    status: subscription.status,
    state_reason: subscription.stateReason,
    status_since: subscription.statusSince?.toISOString() ?? null,
    secret_overlap_ends_at:
      overlap !== null && overlap.getTime() > Date.now() ? overlap.toISOString() : null,
    created_at: subscription.createdAt.toISOString(),
    updated_at: subscription.updatedAt.toISOString(),
    links: {
      self: subscriptionUrl(subscriptionId),
      deliveries: `/v1/deliveries?subscription_id=${encodeURIComponent(subscriptionId)}`,
    },
  }
}

function filterBody({ changed_fields, equals }: EventFilter) {
  return {
    ...(changed_fields === undefined ? {} : { changed_fields: [...changed_fields] }),
    ...(equals === undefined ? {} : { equals: { ...equals } }),
  }
}

/** What is looked at of an endpoint; enough for people, little enough for every request. */
export const HEALTH_BOUNDS: HealthBounds = {
  windowSeconds: 86_400,
  mostAttempts: 10_000,
  // One more than is told, to know whether there are more.
  mostPending: 10_001,
}

export function endpointBody(health: EndpointHealth): EndpointHealthBody {
  const { attempts, successes, pending } = health
  const mostTold = HEALTH_BOUNDS.mostPending - 1
  const instant = (at: Date | null) => at?.toISOString() ?? null
  const isHeld = health.heldUntil !== null && health.heldUntil.getTime() > Date.now()
  return {
    window_seconds: HEALTH_BOUNDS.windowSeconds,
    attempts,
    success_rate: attempts === 0 ? null : Math.round((successes / attempts) * 10_000) / 10_000,
    p50_ms: health.p50Ms,
    p95_ms: health.p95Ms,
    reason: attempts === 0 ? 'No attempt in the window.' : null,
    consecutive_failures: health.consecutiveFailures,
    last_success_at: instant(health.lastSuccessAt),
    last_failure_at: instant(health.lastFailureAt),
    last_status: health.lastStatus,
    last_error: health.lastError,
    in_trouble_since: instant(health.troubledAt),
    next_probe_at: instant(health.nextProbeAt),
    held_until: isHeld ? instant(health.heldUntil) : null,
    pending_deliveries: Math.min(pending, mostTold),
    more_pending: pending > mostTold,
  }
}
