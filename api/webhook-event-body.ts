import type {
  DeliveryAttemptBody,
  DeliveryBody,
  EventBody,
} from '../contracts/http/webhook-events.ts'
import type { LoggedAttempt, LoggedDelivery } from '../db/webhook-delivery-log.ts'
import type { LoggedEvent } from '../db/webhook-event-log.ts'

const instant = (at: Date | null) => at?.toISOString() ?? null

/** An event as callers see it in lists and in the stream: all but its payload. */
export function eventBody(event: LoggedEvent): EventBody {
  const id = encodeURIComponent(event.eventId)
  return {
    id: event.eventId,
    event_type: event.eventType,
    object_type: event.objectType,
    object_id: event.objectId,
    change_type: event.changeType,
    changed_fields: [...event.changedFields],
    connection_id: event.connectionId,
    source: event.source,
    state: event.state,
    error: event.error,
    occurred_at: event.occurredAt.toISOString(),
    created_at: event.createdAt.toISOString(),
    processed_at: instant(event.processedAt),
    position: event.position,
    links: { self: `/v1/events/${id}`, deliveries: `/v1/deliveries?event_id=${id}` },
  }
}

export function deliveryBody(delivery: LoggedDelivery): DeliveryBody {
  return {
    id: delivery.deliveryId,
    subscription_id: delivery.subscriptionId,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    object_id: delivery.objectId,
    origin: delivery.origin,
    replay_id: delivery.replayId,
    state: delivery.state,
    attempts: delivery.attempts,
    last_attempt_at: instant(delivery.lastAttemptAt),
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    created_at: delivery.createdAt.toISOString(),
    ended_at: instant(delivery.endedAt),
    links: {
      self: `/v1/deliveries/${encodeURIComponent(delivery.deliveryId)}`,
      subscription: `/v1/subscriptions/${encodeURIComponent(delivery.subscriptionId)}`,
      event: `/v1/events/${encodeURIComponent(delivery.eventId)}`,
    },
  }
}

/** An attempt with its request and its answer. The signature is not kept, so it is not shown either. */
export function attemptBody(attempt: LoggedAttempt, eventId: string): DeliveryAttemptBody {
  return {
    id: attempt.attemptId,
    number: attempt.number,
    cause: attempt.cause,
    started_at: attempt.startedAt.toISOString(),
    duration_ms: attempt.durationMs,
    request: {
      method: 'POST',
      url: attempt.url,
      headers: {
        'content-type': 'application/json',
        'webhook-id': eventId,
        'webhook-timestamp': String(Math.floor(attempt.startedAt.getTime() / 1_000)),
        'webhook-signature': 'not kept',
      },
      bytes: attempt.requestBytes,
    },
    response:
      attempt.status === null
        ? null
        : {
            status: attempt.status,
            body: attempt.responseBody,
            truncated: attempt.responseTruncated,
          },
    error: attempt.error,
    error_message: attempt.errorMessage,
    next_attempt_at: instant(attempt.nextAttemptAt),
  }
}
