import { OWN_EVENT_TYPES, patternsFor } from '../../contracts/event-types.ts'
import { severityOf, severityRank } from '../../contracts/severity.ts'
import {
  createNotificationItemQueries,
  type NewNotificationItem,
} from '../../db/notification-items.ts'
import { createNotificationRuleQueries, type MatchedRule } from '../../db/notification-rules.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { matchesFilter } from '../webhook/matches-filter.ts'

/** An event as those see it who are told of it. */
export interface NotifiableEvent {
  readonly eventId: string
  readonly eventType: string
  readonly objectType: string
  readonly objectId: string
  readonly changeType: string
  readonly changedFields: readonly string[]
  readonly occurredAt: Date
  /** The record as it came; of what Conveyor tells of itself, its figures. Null where there is none. */
  record(): Readonly<Record<string, unknown>> | null
}

const OWN: ReadonlySet<string> = new Set(OWN_EVENT_TYPES)
/** What of our own events is told. None of it is of a record. */
const TOLD_FACTS = [
  'name',
  'host',
  'kind',
  'object',
  'operation',
  'counts',
  'reason',
  'last_error',
  'last_status',
] as const
/** Names of changed fields that are told. */
const TOLD_FIELDS = 5

/**
 * Queues what the rules of the workspace want to be told, in the transaction that processes the events. One look at
 * the rules and one insert, whatever the number of events; an event that was queued before is not queued again.
 * @returns the channels that now have something waiting: wake them once the transaction is committed
 */
export async function queueNotifications(
  transaction: DatabaseTransactionConnection,
  workspaceId: string,
  events: readonly NotifiableEvent[],
): Promise<readonly string[]> {
  if (events.length === 0) return []
  const patterns = new Set(events.flatMap(({ eventType }) => patternsFor(eventType)))
  const rules = await createNotificationRuleQueries(transaction).listMatching([...patterns])
  if (rules.length === 0) return []
  const items = events.flatMap((event) => itemsOf(event, rules))
  if (items.length === 0) return []
  return createNotificationItemQueries(transaction).queue(workspaceId, items)
}

/** One a channel, by the first of its rules that wants the event. */
function itemsOf(event: NotifiableEvent, rules: readonly MatchedRule[]): NewNotificationItem[] {
  const patterns = new Set(patternsFor(event.eventType))
  const severity = severityRank(severityOf(event.eventType))
  const byChannel = new Map<string, NewNotificationItem>()
  for (const rule of rules) {
    if (byChannel.has(rule.channelId)) continue
    if (severity < severityRank(rule.minimumSeverity)) continue
    if (!rule.patterns.some((pattern) => patterns.has(pattern))) continue
    if (!matchesFilter(rule.filter, event)) continue
    byChannel.set(rule.channelId, {
      channelId: rule.channelId,
      ruleId: rule.ruleId,
      eventId: event.eventId,
      eventType: event.eventType,
      objectType: event.objectType,
      objectId: event.objectId,
      severity,
      facts: factsOf(event),
      occurredAt: event.occurredAt,
    })
  }
  return [...byChannel.values()]
}

function factsOf(event: NotifiableEvent): Readonly<Record<string, unknown>> {
  if (!OWN.has(event.eventType)) {
    const { changedFields } = event
    if (changedFields.length === 0) return {}
    return {
      changed_fields: changedFields.slice(0, TOLD_FIELDS),
      changed_count: changedFields.length,
    }
  }
  const record = event.record() ?? {}
  return Object.fromEntries(
    TOLD_FACTS.flatMap((name) => (record[name] === undefined ? [] : [[name, record[name]]])),
  )
}
