import type { ChannelBody, MessageBody, RuleBody } from '../../contracts/http/notifications.ts'
import { SEVERITIES } from '../../contracts/severity.ts'
import type { NotificationChannel } from '../../db/notification-channels.ts'
import type { NotificationItem } from '../../db/notification-items.ts'
import type { NotificationMessage } from '../../db/notification-messages.ts'
import type { NotificationRule } from '../../db/notification-rules.ts'

/** All but its URL. */
export function channelBody(channel: NotificationChannel): ChannelBody {
  return {
    id: channel.channelId,
    kind: channel.kind,
    name: channel.name,
    url_hint: channel.urlHint,
    origin: channel.origin,
    status: channel.disabledAt === null ? 'active' : 'disabled',
    status_reason: channel.stateReason,
    disabled_at: channel.disabledAt?.toISOString() ?? null,
    created_at: channel.createdAt.toISOString(),
    created_by: channel.createdBy,
    updated_at: channel.updatedAt.toISOString(),
  }
}

export function ruleBody(rule: NotificationRule): RuleBody {
  return {
    id: rule.ruleId,
    channel_id: rule.channelId,
    name: rule.name,
    event_types: [...rule.events],
    filter: filterBody(rule.filter),
    minimum_severity: rule.minimumSeverity,
    created_at: rule.createdAt.toISOString(),
    created_by: rule.createdBy,
    updated_at: rule.updatedAt.toISOString(),
  }
}

function filterBody(filter: NotificationRule['filter']): RuleBody['filter'] {
  if (filter === null) return null
  const { changed_fields, equals } = filter
  return {
    ...(changed_fields === undefined ? {} : { changed_fields: [...changed_fields] }),
    ...(equals === undefined ? {} : { equals: { ...equals } }),
  }
}

export function messageBody(message: NotificationMessage): MessageBody {
  return {
    id: message.messageId,
    channel_id: message.channelId,
    cause: message.cause,
    state: message.state,
    events: message.itemCount,
    plain: message.plain,
    attempts: message.attempts,
    next_attempt_at: message.state === 'pending' ? message.nextAttemptAt.toISOString() : null,
    last_status: message.lastStatus,
    last_error: message.lastError,
    last_error_message: message.lastErrorMessage,
    platform_id: message.platformId,
    created_at: message.createdAt.toISOString(),
    ended_at: message.endedAt?.toISOString() ?? null,
  }
}

export function itemBody(item: NotificationItem) {
  return {
    event_id: item.eventId,
    event_type: item.eventType,
    object: item.objectType,
    object_id: item.objectId,
    severity: SEVERITIES[item.severity] ?? 'info',
    occurred_at: item.occurredAt.toISOString(),
  }
}
